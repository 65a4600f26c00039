//! The kustomization file: which fields it has, and whether kustomize would read it.

use std::sync::Arc;

use text::path::join;
use text::{Missing, World};
use yaml::{Kind, Schema, Value};

use crate::decode::Fields;
use crate::elsewhere::Checkout;
use crate::error::{Error, Reason};
use crate::load::Loader;
use crate::shape::{self, Misfit};

/// The names that kustomize looks for, in its order.
pub const FILES: [&str; 3] = ["kustomization.yaml", "kustomization.yml", "Kustomization"];

/// Fields that still work, what stands for them now, and a remark of kustomize's.
const DEPRECATED: [(&str, &str, &str); 6] = [
    ("bases", "resources", ""),
    ("commonLabels", "labels", ""),
    ("imageTags", "images", ""),
    ("patchesJson6902", "patches", ""),
    ("patchesStrategicMerge", "patches", ""),
    ("vars", "replacements", "[EXPERIMENTAL] "),
];

/// Whether a folder is a kustomization. One whose file is a link that leads out of the folder is none to who may
/// not read it.
pub fn is_kustomization(world: &dyn World, folder: &str) -> bool {
    FILES.iter().any(|file| !is_absent(&world.read(&join(folder, file))))
}

/// Whether there is no such file; one that cannot be read is there.
fn is_absent(read: &Result<Arc<[u8]>, Missing>) -> bool {
    matches!(read, Err(Missing::NotFound | Missing::NotAFile))
}

/// A kustomization file that was read.
pub(crate) struct Target {
    pub(crate) folder: String,
    pub(crate) file: String,
    /// The repository elsewhere that it lies in.
    pub(crate) checkout: Option<Arc<Checkout>>,
    value: Value,
}

impl Target {
    /// Reads the kustomization of a folder; what kustomize warns of goes to `warnings`.
    pub(crate) fn load(
        loader: &Loader<'_>,
        folder: &str,
        checkout: Option<Arc<Checkout>>,
        warnings: &mut Vec<String>,
    ) -> Result<Self, Error> {
        let mut found = FILES.iter().map(|file| join(folder, file)).filter_map(|path| {
            let read = loader.world.read(&path);
            // To kustomize, a file that it may not read is not there.
            let is_there = !is_absent(&read) && loader.may_read(&path, folder, checkout.is_some());
            is_there.then_some((path, read))
        });
        let Some((file, read)) = found.next() else {
            let message = format!("unable to find one of {}", FILES.map(quoted).join(", "));
            let shown = if folder.is_empty() { "." } else { folder };
            return Err(Error::new(Reason::NoKustomization, shown, message));
        };
        if let Some((other, _)) = found.next() {
            let other = other.rsplit('/').next().unwrap_or_default();
            let message = format!("there is `{other}` too: a folder has one kustomization file");
            return Err(Error::new(Reason::NoKustomization, &file, message));
        }
        drop(found);
        let bytes = read.map_err(|missing| {
            let message = format!("`{file}` cannot be read: {missing}");
            Error::new(Reason::Missing, &file, message)
        })?;
        let fail = |message: String| Error::new(Reason::Invalid, &file, message);
        let value = Value::decode_go2(&bytes).map_err(|error| {
            fail(format!("invalid Kustomization: {}", error.go_text())).offset(error.offset)
        })?;
        let target = Target { folder: folder.to_owned(), file: file.clone(), checkout, value };
        target.check().map_err(|(field, message)| {
            let field: Vec<&str> = field.iter().map(String::as_str).collect();
            if field.is_empty() { fail(message) } else { fail(message).field(&field) }
        })?;
        let fields = target.fields()?;
        for (old, new, mark) in DEPRECATED {
            if fields.get(old).is_some() {
                warnings.push(format!(
                    "# Warning: '{old}' is deprecated. Please use '{new}' instead. {mark}Run 'kustomize edit fix' to update your Kustomization automatically."
                ));
            }
        }
        if let Some(key) = repeated(&bytes) {
            warnings.push(format!(
                "# Warning: {file}: `{key}` is there twice; the last one counts, as in kustomize"
            ));
        }
        Ok(target)
    }

    /// Returns the number of the repository that it lies in; 0 for our own.
    pub(crate) fn number(&self) -> usize {
        self.checkout.as_ref().map_or(0, |checkout| checkout.number)
    }

    /// Checks what kustomize checks before it does anything.
    fn check(&self) -> Result<(), Misfit> {
        shape::check(&self.value)?;
        let fields = Fields::lenient(&self.value, "Kustomization")
            .map_err(|message| (Vec::new(), message))?;
        let says = |name: &str| match (name, fields.get(name)) {
            ("apiVersion" | "kind", _) | (_, None) => false,
            // What these list is read as part of another field: nothing is left of an empty list.
            ("bases" | "imageTags" | "helmChartInflationGenerator", Some(value)) => {
                value.as_list().is_some_and(|it| !it.is_empty())
            }
            (_, Some(value)) => value.as_str() != Some(""),
        };
        if !shape::names().any(says) {
            return Err((Vec::new(), "kustomization.yaml is empty".to_owned()));
        }
        let text = |name: &str| fields.text(name).map_err(|error| (vec![name.to_owned()], error));
        let (kind, version) = (text("kind")?, text("apiVersion")?);
        if !matches!(kind.as_str(), "" | "Kustomization" | "Component") {
            let message = "kind should be Kustomization or Component".to_owned();
            return Err((vec!["kind".to_owned()], message));
        }
        let wanted = match kind.as_str() {
            "Component" => "kustomize.config.k8s.io/v1alpha1",
            _ => "kustomize.config.k8s.io/v1beta1",
        };
        if !version.is_empty() && version != wanted {
            let kind = if kind.is_empty() { "Kustomization" } else { &kind };
            let message = format!("apiVersion for {kind} should be {wanted}");
            return Err((vec!["apiVersion".to_owned()], message));
        }
        Ok(())
    }

    pub(crate) fn fields(&self) -> Result<Fields<'_>, Error> {
        let fields = Fields::lenient(&self.value, "Kustomization");
        fields.map_err(|message| self.error(Reason::Invalid, message))
    }

    pub(crate) fn error(&self, reason: Reason, message: impl Into<String>) -> Error {
        Error::new(reason, &self.file, message)
    }

    /// Returns the texts of a field that is a list of texts.
    pub(crate) fn texts(&self, field: &str) -> Result<Vec<String>, Error> {
        let texts = self.fields()?.texts(field);
        texts.map_err(|message| self.error(Reason::Invalid, message).field(&[field]))
    }

    /// Returns the text of a field.
    pub(crate) fn text(&self, field: &str) -> Result<String, Error> {
        let text = self.fields()?.text(field);
        text.map_err(|message| self.error(Reason::Invalid, message).field(&[field]))
    }

    /// Returns the items of a field that is a list.
    pub(crate) fn list(&self, field: &str) -> Result<&[Value], Error> {
        let list = self.fields()?.list(field);
        list.map_err(|message| self.error(Reason::Invalid, message).field(&[field]))
    }

    /// Returns a map of texts, sorted by key.
    pub(crate) fn pairs(&self, field: &str) -> Result<Vec<(String, String)>, Error> {
        let pairs = self.fields()?.pairs(field);
        pairs.map_err(|message| self.error(Reason::Invalid, message).field(&[field]))
    }
}

fn quoted(name: &str) -> String {
    format!("`{name}`")
}

/// Returns a key that a map on the outside has twice: kustomize takes the last one and is silent.
fn repeated(bytes: &[u8]) -> Option<String> {
    let node = yaml::parse(std::str::from_utf8(bytes).ok()?, Schema::Go2).ok()?;
    let Kind::Map(entries) = &node.kind else { return None };
    let keys = || entries.iter().filter_map(|(key, _)| key.as_str());
    keys().enumerate().find_map(|(at, key)| {
        let before = keys().take(at).any(|other| other == key);
        before.then(|| key.to_owned())
    })
}
