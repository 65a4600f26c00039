//! Which subcharts take part: aliases, tags, conditions, and the values that parents import.
//!
//! Rules: helm v4.3.1 `pkg/chart/v2/util/dependencies.go`.

use gotmpl::{Map, MapType, Value};

use crate::coalesce::{self, Nulls, Warnings, chart_values, table_at, value_at};
use crate::error::Error;
use crate::tree::{Need, Node};

/// Switches charts on and off and imports values.
pub(crate) fn process(
    root: &mut Node<'_>,
    values: &Map,
    warnings: &mut Warnings,
) -> Result<(), Error> {
    enable(root, values, "", warnings)?;
    import_all(root, warnings)
}

fn enable(
    node: &mut Node<'_>,
    values: &Map,
    path: &str,
    warnings: &mut Warnings,
) -> Result<(), Error> {
    let Some(mut needs) = node.needs.take() else {
        return Ok(());
    };
    node.children = named_children(node, &needs);
    for need in &mut needs {
        if !need.dependency.alias.is_empty() {
            need.dependency.name = need.dependency.alias.clone();
        }
        need.dependency.enabled = true;
    }
    let values = chart_values(node, Some(values), Nulls::Delete, warnings)?;
    apply_tags(&mut needs, &values, warnings);
    apply_conditions(&mut needs, &values, path, warnings);

    let disabled: Vec<&str> = needs
        .iter()
        .filter(|need| !need.dependency.enabled)
        .map(|need| need.dependency.name.as_str())
        .collect();
    node.children.retain(|child| !disabled.contains(&child.name.as_str()));
    let disabled: Vec<String> = disabled.into_iter().map(str::to_owned).collect();
    needs.retain(|need| !disabled.contains(&need.dependency.name));

    for child in &mut node.children {
        let path = format!("{path}{}.", child.name);
        enable(child, &values, &path, warnings)?;
    }
    node.needs = (!needs.is_empty()).then_some(needs);
    Ok(())
}

/// Returns the charts that no dependency names, then one for each dependency that is met, under
/// its alias.
fn named_children<'c>(node: &Node<'c>, needs: &[Need]) -> Vec<Node<'c>> {
    let undeclared = node
        .children
        .iter()
        .filter(|child| !needs.iter().any(|need| child.meets(&need.dependency)));
    let mut children: Vec<Node<'c>> = undeclared.cloned().collect();
    for need in needs {
        let Some(found) = node.children.iter().find(|child| child.meets(&need.dependency)) else {
            continue;
        };
        let mut child = found.clone();
        if !need.dependency.alias.is_empty() {
            child.name.clone_from(&need.dependency.alias);
        }
        children.push(child);
    }
    children
}

fn apply_tags(needs: &mut [Need], values: &Map, warnings: &mut Warnings) {
    let Ok(tags) = table_at(values, "tags") else {
        return;
    };
    for need in needs {
        let dependency = &mut need.dependency;
        let (mut on, mut off) = (false, false);
        for tag in &dependency.tags {
            match tags.get(tag.as_bytes()) {
                Some(Value::Bool(true)) => on = true,
                Some(Value::Bool(false)) => off = true,
                Some(_) => warnings
                    .push(format!("returned non-bool value tag={tag} chart={}", dependency.name)),
                None => {}
            }
        }
        dependency.enabled = on || !off;
    }
}

fn apply_conditions(needs: &mut [Need], values: &Map, path: &str, warnings: &mut Warnings) {
    for need in needs {
        let dependency = &mut need.dependency;
        for condition in dependency.condition.trim().split(',').filter(|text| !text.is_empty()) {
            match value_at(values, &format!("{path}{condition}")) {
                Some(Value::Bool(enabled)) => {
                    dependency.enabled = enabled;
                    break;
                }
                Some(_) => warnings.push(format!(
                    "returned non-bool value path={condition} chart={}",
                    dependency.name
                )),
                None => {}
            }
        }
    }
}

fn import_all(node: &mut Node<'_>, warnings: &mut Warnings) -> Result<(), Error> {
    for child in &mut node.children {
        import_all(child, warnings)?;
    }
    import(node, warnings)
}

/// Takes values of the charts below into a chart's own, which win.
fn import(node: &mut Node<'_>, warnings: &mut Warnings) -> Result<(), Error> {
    let Some(mut needs) = node.needs.take() else {
        return Ok(());
    };
    // Even where nothing is imported, helm puts the merged values of all charts below in place of
    // a chart's own.
    let values = chart_values(node, None, Nulls::Keep, warnings)?;
    let mut imported = Map::new(MapType::Any);
    for need in &mut needs {
        let mut shown = Vec::new();
        for wanted in &need.dependency.import_values {
            let (child, parent) = match wanted {
                yaml::Value::Map(pair) => {
                    let text = |name: &str| pair.get(name).map_or("<nil>".to_owned(), printed);
                    (text("child"), text("parent"))
                }
                yaml::Value::String(name) => (format!("exports.{name}"), ".".to_owned()),
                _ => continue,
            };
            shown.push(Value::Map(Map::from_entries(
                MapType::String,
                vec![
                    ("child".into(), Value::from(child.as_str())),
                    ("parent".into(), Value::from(parent.as_str())),
                ],
            )));
            let table = match table_at(&values, &format!("{}.{child}", need.dependency.name)) {
                Ok(table) => table,
                Err(name) => {
                    warnings.push(missing_table(wanted, &need.dependency.name, &name));
                    continue;
                }
            };
            let table = if parent == "." { table } else { nested(&parent, table) };
            if imported.is_empty() && parent != "." {
                // The new outer maps are nobody else's.
                imported = table;
            } else {
                coalesce::tables(&imported, &table, "", Nulls::Keep, warnings);
            }
        }
        need.imported = Some(shown);
    }
    let fail =
        |deep: gotmpl::value::TooDeep| Error::new(crate::ErrorKind::Values, deep.to_string());
    let values = values.deep_copy().map_err(fail)?;
    coalesce::tables(&values, &imported, "", Nulls::Keep, warnings);
    node.values = Some(Value::Map(values).freeze().map_err(fail)?);
    node.needs = Some(needs);
    Ok(())
}

fn missing_table(wanted: &yaml::Value, chart: &str, name: &str) -> String {
    match wanted {
        yaml::Value::Map(_) => format!(
            "ImportValues missing table from chart chart={chart} error=\"\\\"{name}\\\" is not a table\""
        ),
        _ => format!("ImportValues missing table error=\"\\\"{name}\\\" is not a table\""),
    }
}

/// Returns maps in maps, one for each part of the path, with the table innermost.
fn nested(path: &str, table: Map) -> Map {
    path.split('.').rev().fold(table, |inner, name| {
        Map::from_entries(MapType::Any, vec![(name.into(), Value::Map(inner))])
    })
}

fn printed(value: &yaml::Value) -> String {
    match value {
        yaml::Value::Float(number) => crate::numbers::shortest(*number),
        #[allow(clippy::cast_precision_loss, reason = "Go has read it as a float64")]
        yaml::Value::Int(number) => crate::numbers::shortest(*number as f64),
        other => crate::metadata::text_of(other).unwrap_or_else(|| "<nil>".to_owned()),
    }
}
