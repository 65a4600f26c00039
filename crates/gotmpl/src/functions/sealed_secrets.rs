//! The functions that the controller of Sealed Secrets gives to the templates of `spec.template.data`.
//!
//! Source: sealed-secrets 0.36, `pkg/apis/sealedsecrets/v1alpha1/sealedsecret_expansion.go`: those of sprig 3.3 but
//! for `env`, `expandenv` and `getHostByName`. What helm and ApplicationSets add is not there.

/// The functions of our table that the controller does not know.
pub(crate) const NOT_THEIRS: [&str; 27] = [
    // Helm's.
    "include",
    "tpl",
    "required",
    "lookup",
    "toYaml",
    "mustToYaml",
    "toYamlPretty",
    "fromYaml",
    "fromYamlArray",
    "toToml",
    "mustToToml",
    "fromToml",
    "fromJsonArray",
    // ApplicationSets'.
    "normalize",
    "slugify",
    // The world's.
    "getHostByName",
    // Of a later sprig.
    "mustToDuration",
    "durationDays",
    "durationHours",
    "durationMicroseconds",
    "durationMilliseconds",
    "durationMinutes",
    "durationNanoseconds",
    "durationRoundTo",
    "durationSeconds",
    "durationTruncateTo",
    "durationWeeks",
];
