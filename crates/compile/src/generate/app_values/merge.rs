//! Which values belong into the file for all environments, and which into each overlay.
//!
//! Helm and the chart merge maps key by key and replace everything else; neither can take a key away
//! for certain. So the common values hold only keys that every environment has, with the value of
//! the leading one, and an overlay holds what is added or different. Merging gives back exactly each
//! environment's own values; no overlay ever needs a `null`.

use crate::generate::write::{Map, Yaml};

/// Maps that the schema accepts only whole: an overlay repeats them where one of their values differs.
const WHOLE: [&str; 1] = ["autoscaling"];

/// Returns the values of `leading` without the keys that one of `others` lacks.
pub(super) fn common(leading: &Map, others: &[&Map]) -> Map {
    leading
        .iter()
        .filter(|(key, _)| others.iter().all(|other| other.get(key).is_some()))
        .filter_map(|(key, value)| {
            let Yaml::Map(map) = value else { return Some((key, value.clone())) };
            let inner: Vec<&Map> = others
                .iter()
                .filter_map(|other| match other.get(key) {
                    Some(Yaml::Map(inner)) => Some(inner),
                    _ => None,
                })
                .collect();
            let shared = common(map, &inner);
            // A map of which nothing is shared says nothing.
            (map.is_empty() || !shared.is_empty()).then_some((key, Yaml::Map(shared)))
        })
        .collect()
}

/// Returns what must be merged over `common` to get `wanted`.
pub(super) fn difference(common: &Map, wanted: &Map) -> Map {
    wanted
        .iter()
        .filter_map(|(key, value)| match (common.get(key), value) {
            (Some(Yaml::Map(below)), Yaml::Map(above)) => {
                let rest = difference(below, above);
                if !rest.is_empty() && WHOLE.contains(&key) {
                    return Some((key, value.clone()));
                }
                (!rest.is_empty()).then_some((key, Yaml::Map(rest)))
            }
            (Some(below), _) if below == value => None,
            _ => Some((key, value.clone())),
        })
        .collect()
}

/// Helm's merging, for tests of what it must give back.
#[cfg(test)]
pub(super) mod testing {
    use crate::generate::write::{Map, Yaml};

    /// Returns `below` with `above` merged over it: as Helm merges values files, and the chart a
    /// workload with its override.
    pub(crate) fn merged(below: &Map, above: &Map) -> Map {
        let kept = below.iter().map(|(key, value)| match (value, above.get(key)) {
            (Yaml::Map(below), Some(Yaml::Map(above))) => {
                (key.to_owned(), Yaml::Map(merged(below, above)))
            }
            (_, Some(value)) | (value, None) => (key.to_owned(), value.clone()),
        });
        let added = above.iter().filter(|(key, _)| below.get(key).is_none());
        kept.chain(added.map(|(key, value)| (key.to_owned(), value.clone()))).collect()
    }

    /// The same values in an order that does not matter to Helm.
    pub(crate) fn sorted(map: &Map) -> Vec<String> {
        let mut lines: Vec<String> = map
            .iter()
            .flat_map(|(key, value)| match value {
                Yaml::Map(inner) if !inner.is_empty() => {
                    sorted(inner).into_iter().map(|line| format!("{key}.{line}")).collect()
                }
                value => vec![format!("{key}: {value:?}")],
            })
            .collect();
        lines.sort();
        lines
    }
}

#[cfg(test)]
mod tests {
    use super::testing::{merged, sorted};
    use super::*;

    #[test]
    fn merging_gives_back_every_environment() {
        let limits = |cpu: &str| Map::new().put("limits", Map::new().put("cpu", cpu));
        let dev =
            Map::new().put("env", Map::new().put("LEVEL", "debug")).put("resources", limits("1"));
        let test = Map::new().put("resources", limits("1")).put("autoscaling", false);
        let prod = Map::new()
            .put("env", Map::new().put("LEVEL", "warn").put("A", "b"))
            .put("autoscaling", Map::new().put("maxReplicas", 3))
            .put("resources", limits("2").put("requests", Map::new().put("cpu", "1")));
        let shared = common(&prod, &[&dev, &test]);
        assert_eq!(shared, Map::new().put("resources", limits("2")));
        for wanted in [&dev, &test, &prod] {
            assert_eq!(sorted(&merged(&shared, &difference(&shared, wanted))), sorted(wanted));
        }
    }
}
