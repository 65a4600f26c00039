//! `spec.template.data`, filled in as the controller does: Go's text/template with sprig's functions.

use gotmpl::{Engine, MissingKey, Options, TemplateSet, Value};
use seal::secret::FillIn;
use zeroize::Zeroizing;

/// Fills in templates with the engine that also renders charts.
#[derive(Clone, Copy, Debug, Default)]
pub struct Templates;

impl FillIn for Templates {
    fn fill_in(
        &self,
        key: &str,
        template: &str,
        values: &[(&str, &[u8])],
    ) -> Result<Zeroizing<String>, String> {
        let mut set = TemplateSet::new();
        // The error of a template says its name and line, and parts of the template, which is no secret.
        set.add(key, template.as_bytes()).map_err(|error| error.to_string())?;
        let data = Value::map(values.iter().map(|(key, value)| {
            let text = String::from_utf8_lossy(value).into_owned();
            ((*key).to_owned(), Value::string(text))
        }));
        let options = Options { missing_key: MissingKey::Invalid, ..Options::default() };
        // An error while filling in may show a value: only that there was one is said.
        let bytes = Engine::new(&set, options)
            .render(key, &data)
            .map_err(|_| "it fails when it is filled in".to_owned())?;
        String::from_utf8(bytes).map(Zeroizing::new).map_err(|_| "it makes no text".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_filled_in_with_sprigs_functions_and_never_shown() {
        let values: &[(&str, &[u8])] = &[("user", b"admin"), ("password", b"hunter2")];
        let fill = |template: &str| Templates.fill_in("x", template, values);
        let filled = fill(r#"{{ .user | upper }}:{{ .password | b64enc }}{{ .no }}"#).unwrap();
        assert_eq!(*filled, "ADMIN:aHVudGVyMg==<no value>");
        assert!(fill("{{ .user").is_err());
        let reason = fill("{{ fail .password }}").unwrap_err();
        assert!(!reason.contains("hunter2"), "{reason}");
    }
}
