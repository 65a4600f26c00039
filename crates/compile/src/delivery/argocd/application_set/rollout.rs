//! The order of a rolling sync: which step an Application belongs to.
//!
//! Source: Argo CD, `buildAppDependencyList` of `applicationset/controllers` (3.2).

use yaml::Value;

use super::super::application::{list, text};

/// The steps of `strategy.rollingSync`; none where all are synced at once.
pub(super) struct Steps(Vec<Value>);

impl Steps {
    pub(super) fn read(spec: &Value) -> Steps {
        let strategy = spec.get("strategy").filter(|it| text(it, "type") == "RollingSync");
        let steps = strategy.and_then(|it| it.get("rollingSync")).map(|it| list(it, "steps"));
        Steps(steps.unwrap_or_default().to_vec())
    }

    /// Returns the first step that an Application fits, from 1.
    pub(super) fn of(&self, application: &Value) -> Option<usize> {
        let labels = application.get("metadata").and_then(|it| it.get("labels"));
        let label = |key: &str| labels?.get(key)?.as_str();
        let fits = |step: &Value| {
            list(step, "matchExpressions").iter().all(|expression| {
                let (operator, value) =
                    (text(expression, "operator"), label(text(expression, "key")));
                let values = list(expression, "values");
                let has =
                    value.is_some_and(|value| values.iter().any(|it| it.as_str() == Some(value)));
                match (operator, value) {
                    ("In", _) => has,
                    ("NotIn", Some(_)) => !has,
                    (_, None) => true,
                    (_, Some(_)) => false,
                }
            })
        };
        self.0.iter().position(fits).map(|at| at + 1)
    }
}
