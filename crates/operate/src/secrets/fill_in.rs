//! `spec.template.data`, filled in as the controller does: Go's text/template with its functions of sprig.
//!
//! Source: `Unseal` in sealed-secrets' `pkg/apis/sealedsecrets/v1alpha1`: the data is a `map[string]string`, and keys that
//! are missing are no error. `tests/templates` has its answers.

use gotmpl::value::{Map, MapType};
use gotmpl::{Clock, Engine, ExecError, MissingKey, Options, TemplateSet, Value};
use seal::secret::FillIn;
use zeroize::Zeroizing;

use super::Randomness;
use crate::Error;

/// Fills in templates with the engine that also renders charts. Times and random values differ in every run, as in the
/// controller.
#[derive(Clone, Copy, Debug)]
pub struct Templates {
    seed: [u8; 32],
    seconds: i64,
}

impl Templates {
    /// Takes the time and some randomness.
    ///
    /// # Errors
    /// If the system has no randomness.
    pub fn new() -> Result<Templates, Error> {
        let mut seed = [0; 32];
        Randomness::open()?.fill(&mut seed)?;
        Ok(Templates { seed, seconds: crate::seconds_now() })
    }
}

fn parsed(key: &str, template: &str) -> Result<TemplateSet, String> {
    let mut set = TemplateSet::of_sealed_secrets();
    // The error says parts of the template, which is no secret.
    match set.add(key, template.as_bytes()) {
        Ok(()) => Ok(set),
        Err(error) => Err(format!("line {}: {}", error.line(), error.message())),
    }
}

/// Says where a template failed, and not why: the reason may show a value.
fn place_of(error: &ExecError) -> String {
    let Some(place) = error.trace().last() else {
        return "it fails when it is filled in".to_owned();
    };
    let line = place.location.rsplit(':').nth(1).unwrap_or_default();
    format!("it fails in line {line}, at `{}`", place.expression)
}

impl FillIn for Templates {
    fn parse(&self, key: &str, template: &str) -> Result<(), String> {
        parsed(key, template).map(|_| ())
    }

    fn fill_in(
        &self,
        key: &str,
        template: &str,
        values: &[(&str, &[u8])],
    ) -> Result<Zeroizing<Vec<u8>>, String> {
        let set = parsed(key, template)?;
        let entries = values.iter().map(|(key, value)| ((*key).into(), Value::string(*value)));
        let data = Value::Map(Map::from_entries(MapType::String, entries.collect()));
        let options = Options {
            missing_key: MissingKey::Invalid,
            now: Clock { seconds: self.seconds, ..Clock::default() },
            seed: self.seed,
            ..Options::default()
        };
        let filled = Engine::new(&set, options).render(key, &data);
        filled.map(Zeroizing::new).map_err(|error| place_of(&error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_a_template_fails_is_said_and_no_value() {
        let values: &[(&str, &[u8])] = &[("user", b"admin"), ("password", b"hunter2")];
        let fill = |template: &str| Templates::new().unwrap().fill_in("x", template, values);
        assert_eq!(fill("{{ .user").unwrap_err(), "line 1: unclosed action");
        assert_eq!(
            fill("{{ .user }}\n{{ fail .password }}").unwrap_err(),
            "it fails in line 2, at `fail .password`"
        );
        assert_eq!(
            fill("\n{{ toYaml . }}").unwrap_err(),
            "line 2: function \"toYaml\" not defined"
        );
        assert_ne!(fill("{{ uuidv4 }}").unwrap(), fill("{{ uuidv4 }}").unwrap());
    }
}
