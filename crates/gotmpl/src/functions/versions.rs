//! `semver` and `semverCompare`, and the object `*semver.Version` with its methods.

use std::sync::Arc;

use crate::call::{CallContext, FunctionEntry, FunctionError, Param, Signature};
use crate::semver::{Constraints, Version};
use crate::value::{Int, Kind, Object, Value};

use super::arguments::{Answer, any, failure, text};
use super::text::valid;

use Param::String as Text;

/// The functions of this file.
pub(super) const TABLE: &[FunctionEntry] = &[
    FunctionEntry::new("semver", &[Text], |_, arguments| {
        let version = parsed(text(arguments, 0))?;
        Ok(Value::object(VersionObject { version, pointer: true }))
    }),
    FunctionEntry::new("semverCompare", &[Text, Text], semver_compare),
];

fn parsed(text: &[u8]) -> Result<Version, FunctionError> {
    Version::parse(&valid(text)).map_err(|error| FunctionError::new(error.to_string()))
}

/// Returns the version without anything in it.
pub(super) fn zero() -> Value {
    let version = Version {
        major: 0,
        minor: 0,
        patch: 0,
        prerelease: String::new(),
        metadata: String::new(),
        original: String::new(),
    };
    Value::object(VersionObject { version, pointer: true })
}

fn semver_compare(_: &mut CallContext, arguments: &[Value]) -> Answer {
    let constraints = match Constraints::parse(&valid(text(arguments, 0))) {
        Ok(constraints) => constraints,
        Err(error) => return failure(error.to_string()),
    };
    Ok(Value::Bool(constraints.check(&parsed(text(arguments, 1))?)))
}

/// A version in a template: a pointer from `semver`, a struct from `IncMajor` and such.
#[derive(Debug)]
struct VersionObject {
    version: Version,
    pointer: bool,
}

static NOTHING: Signature = Signature { params: &[], variadic: None };
static ONE_STRING: Signature = Signature { params: &[Text], variadic: None };
static ONE_VERSION: Signature =
    Signature { params: &[Param::Named("*semver.Version")], variadic: None };

impl Object for VersionObject {
    fn type_name(&self) -> &'static str {
        if self.pointer { "*semver.Version" } else { "semver.Version" }
    }

    fn kind(&self) -> Kind {
        if self.pointer { Kind::Pointer } else { Kind::Struct }
    }

    fn method(&self, name: &str) -> Option<&'static Signature> {
        Some(match name {
            "Major" | "Minor" | "Patch" | "Prerelease" | "Metadata" | "String" | "IncMajor"
            | "IncMinor" | "IncPatch" => &NOTHING,
            "SetPrerelease" | "SetMetadata" => &ONE_STRING,
            // The rest needs a pointer.
            "Original" if self.pointer => &NOTHING,
            "Compare" | "Equal" | "LessThan" | "LessThanEqual" | "GreaterThan"
            | "GreaterThanEqual"
                if self.pointer =>
            {
                &ONE_VERSION
            }
            _ => return None,
        })
    }

    fn call(self: Arc<Self>, name: &str, _: &mut CallContext, arguments: &[Value]) -> Answer {
        let this = &self.version;
        let order = || match any(arguments, 0).downcast::<VersionObject>() {
            Some(other) => Ok(this.compare(&other.version)),
            None => failure(super::arguments::NIL_POINTER),
        };
        let next = |version: Option<Version>, part: &str| match version {
            Some(version) => Ok(Value::object(VersionObject { version, pointer: false })),
            None => failure(format!("{part} version increment would overflow uint64")),
        };
        let changed = |version: Result<Version, crate::semver::VersionError>| match version {
            Ok(version) => Ok(Value::object(VersionObject { version, pointer: false })),
            Err(error) => failure(error.to_string()),
        };
        let argument = || valid(text(arguments, 0)).into_owned();
        match name {
            "Major" => Ok(Value::Int(Int::uint64(this.major))),
            "Minor" => Ok(Value::Int(Int::uint64(this.minor))),
            "Patch" => Ok(Value::Int(Int::uint64(this.patch))),
            "Prerelease" => Ok(Value::string(this.prerelease.as_str())),
            "Metadata" => Ok(Value::string(this.metadata.as_str())),
            "Original" => Ok(Value::string(this.original.as_str())),
            "String" => Ok(Value::string(this.to_string())),
            "IncMajor" => next(this.next_major(), "major"),
            "IncMinor" => next(this.next_minor(), "minor"),
            "IncPatch" => next(this.next_patch(), "patch"),
            "SetPrerelease" => changed(this.with_prerelease(&argument())),
            "SetMetadata" => changed(this.with_metadata(&argument())),
            "Compare" => Ok(Value::int(order()? as i64)),
            "Equal" => Ok(Value::Bool(order()?.is_eq())),
            "LessThan" => Ok(Value::Bool(order()?.is_lt())),
            "LessThanEqual" => Ok(Value::Bool(order()?.is_le())),
            "GreaterThan" => Ok(Value::Bool(order()?.is_gt())),
            "GreaterThanEqual" => Ok(Value::Bool(order()?.is_ge())),
            _ => failure(format!("no method {name}")),
        }
    }

    fn text(&self) -> Option<String> {
        Some(self.version.to_string())
    }

    fn json(&self) -> Option<Value> {
        Some(Value::string(self.version.to_string()))
    }

    fn is_equal(&self, other: &dyn Object) -> bool {
        let other: &dyn std::any::Any = other;
        other.downcast_ref::<VersionObject>().is_some_and(|other| {
            let parts = |object: &VersionObject| (object.pointer, object.version.original.clone());
            parts(self) == parts(other) && self.version.to_string() == other.version.to_string()
        })
    }
}
