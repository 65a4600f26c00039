//! Requests, limits, presets and autoscalers.

use text::nearest;

use super::codes::resources as codes;
use super::{Findings, instances};
use crate::model::{App, AppInstance, Platform, Quantity, Replicas, Resources};

/// Bytes of memory below which no container starts.
const LEAST_MEMORY: i64 = 4 << 20;

/// The kernel's shortest slice of processor time in its shortest period, in thousandths of a core
/// (Linux, `kernel/sched/core.c`: quota at least 1 ms; the kubelet's period is 100 ms).
const LEAST_CPU_MILLI: i64 = 10;

pub(super) fn check(platform: &Platform, app: &App, findings: &mut Findings) {
    let overrides = app.overrides.values();
    let wishes = overrides.map(|differing| (&differing.resources, &differing.origin));
    for (wish, origin) in std::iter::once((&app.resources, &app.origin)).chain(wishes) {
        if let Some(preset) = wish.preset.as_ref().filter(|preset| preset.resources.is_none()) {
            let known = platform.resource_presets.keys().map(String::as_str);
            let place = origin.place("resources.preset");
            findings.add(codes::c131_unknown_preset(
                &preset.name,
                place,
                nearest(&preset.name, known),
            ));
        }
    }
    for (_, instance) in instances(platform, app) {
        limits(&instance, findings);
        scaling(&instance, findings);
    }
    if app.gpu > 0
        && app.resources.preset.is_none()
        && app.resources.written == Resources::default()
    {
        findings.add(codes::c135_gpu_without_limits(app.origin.place("gpu")));
    }
}

fn limits(instance: &AppInstance<'_>, findings: &mut Findings) {
    let Resources { requests, limits } = instance.resources;
    let pairs = [
        ("cpu", requests.cpu, limits.cpu),
        ("memory", requests.memory, limits.memory),
        ("ephemeral-storage", requests.ephemeral_storage, limits.ephemeral_storage),
    ];
    tiny(instance, findings);
    for (what, request, limit) in pairs {
        let (Some(request), Some(limit)) = (request, limit) else { continue };
        if limit < request {
            findings.add(codes::c130_limit_below_request(
                what,
                (request.to_string(), instance.place(&format!("resources.requests.{what}"))),
                (limit.to_string(), instance.place(&format!("resources.limits.{what}"))),
            ));
        }
    }
}

/// Amounts that nobody means: bytes where mebibytes were, a limit of nothing.
fn tiny(instance: &AppInstance<'_>, findings: &mut Findings) {
    let Resources { requests, limits } = instance.resources;
    for (what, memory) in [("request", requests.memory), ("limit", limits.memory)] {
        // A request of nothing says that nothing is asked for.
        let Some(memory) = memory.filter(|memory| what == "limit" || !memory.is_zero()) else {
            continue;
        };
        if memory < Quantity::bytes(LEAST_MEMORY) {
            let bytes = memory.as_whole();
            let meant = if (4..=65_536).contains(&bytes) { bytes } else { 128 };
            findings.add(codes::c137_tiny_memory(
                what,
                &memory.to_string(),
                &format!("{meant}Mi"),
                instance.place(&format!("resources.{what}s.memory")),
            ));
        }
    }
    if let Some(cpu) = limits.cpu.filter(|cpu| *cpu < Quantity::milli(LEAST_CPU_MILLI)) {
        let place = instance.place("resources.limits.cpu");
        findings.add(codes::c138_tiny_cpu(cpu, place));
    }
}

fn scaling(instance: &AppInstance<'_>, findings: &mut Findings) {
    let app = instance.app;
    let Replicas::Autoscaled(autoscaling) = &instance.replicas else { return };
    if autoscaling.min_replicas > autoscaling.max_replicas {
        let place = instance.place("autoscaling.minReplicas");
        findings.add(codes::c133_minimum_above_maximum(place));
    }
    if app.origin.has("replicas") && app.autoscaling.is_some() {
        let places = (app.origin.place("replicas"), app.origin.key_place("autoscaling"));
        findings.add(codes::c134_replicas_unused(places.0, places.1));
    }
    let Resources { requests, limits } = instance.resources;
    // A container without a request gets its limit as request.
    let measured = [
        ("cpu", true, requests.cpu.or(limits.cpu)),
        ("memory", autoscaling.target_memory_percent.is_some(), requests.memory.or(limits.memory)),
    ];
    for (what, is_measured, request) in measured {
        if is_measured && request.is_none_or(Quantity::is_zero) {
            findings.add(codes::c132_no_request(what, instance.place("autoscaling")));
        }
    }
}
