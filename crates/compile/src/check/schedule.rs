//! Schedules and time zones of cronjobs.

use super::codes::workload as codes;
use super::{Findings, cron};
use crate::model::{App, Workload};

pub(super) fn check(app: &App, findings: &mut Findings) {
    let Workload::CronJob { schedule, time_zone, .. } = &app.workload else { return };
    if schedule.is_empty() {
        let field = if app.origin.has("type") { "type" } else { "schedule" };
        findings.add(codes::c144_no_schedule(app.origin.place(field)));
    }
    let overrides = app.overrides.values();
    let others = overrides.filter_map(|other| Some((other.schedule.as_ref()?, &other.origin)));
    for (schedule, origin) in std::iter::once((schedule, &app.origin)).chain(others) {
        if schedule.is_empty() {
            continue;
        }
        match cron::check(schedule) {
            Ok(true) => {}
            Ok(false) => findings.add(codes::c146_never(origin.place("schedule"))),
            Err(why) => findings.add(codes::c145_schedule(&why, origin.place("schedule"))),
        }
    }
    if !is_time_zone(time_zone) {
        findings.add(codes::c147_time_zone(time_zone, app.origin.place("timeZone")));
    }
}

/// The areas of the IANA database.
const AREAS: &[&str] = &[
    "Africa",
    "America",
    "Antarctica",
    "Arctic",
    "Asia",
    "Atlantic",
    "Australia",
    "Brazil",
    "Canada",
    "Chile",
    "Etc",
    "Europe",
    "Indian",
    "Mexico",
    "Pacific",
    "US",
];
/// Names without an area that Go's database has, and that mean the same everywhere and always.
const SINGLE: &[&str] = &["UTC", "GMT", "UCT", "Universal", "Zulu", "Greenwich"];

/// Whether a name has the form of a time zone's; the database itself is the cluster's.
fn is_time_zone(zone: &str) -> bool {
    let Some((area, city)) = zone.split_once('/') else { return SINGLE.contains(&zone) };
    AREAS.contains(&area)
        && city.split('/').all(|part| {
            part.starts_with(|first: char| first.is_ascii_uppercase())
                && part
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'+'))
        })
}
