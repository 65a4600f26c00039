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
    if !time_zones().any(|known| known == time_zone) {
        let near = text::nearest(time_zone, time_zones());
        findings.add(codes::c147_time_zone(time_zone, app.origin.place("timeZone"), near));
    }
}

/// Reads a cron expression as Kubernetes does: whether it ever comes due, or why it is none.
pub(crate) fn read(expression: &str) -> Result<bool, String> {
    cron::check(expression)
}

/// Whether a cluster knows a time zone of this name.
pub(crate) fn is_time_zone(name: &str) -> bool {
    name.is_empty() || time_zones().any(|known| known == name)
}

/// The names of the IANA time zone database, one a line, sorted.
const TIME_ZONES: &str = include_str!("../../catalog/time-zones.txt");

fn time_zones() -> impl Iterator<Item = &'static str> {
    TIME_ZONES.lines().filter(|line| !line.starts_with('#'))
}
