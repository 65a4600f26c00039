//! Resources, replicas, autoscaling, quotas.

use text::{Code, Diagnostic, Place, Stage};

use crate::intake::printable;
use crate::model::Quantity;

const fn code(number: u16) -> Code {
    Code::new(Stage::Check, number)
}

/// A limit is below its request.
///
/// Kubernetes refuses such a pod. A request is what a container is sure to get, a limit what it may
/// use at most.
pub(crate) fn c130_limit_below_request(
    what: &str,
    (request, request_place): (String, Place),
    (limit, limit_place): (String, Place),
) -> Diagnostic {
    let message = format!("the {what} limit {limit} is below the request {request}");
    Diagnostic::error(code(130), message)
        .at(limit_place, "limit")
        .also(request_place, "request")
        .hint(format!("raise the limit to at least {request}, or lower the request"))
}

/// There is no resource preset of this name.
///
/// `small`, `medium` and `large` are built in; others are made in `spec.resourcePresets`.
pub(crate) fn c131_unknown_preset(name: &str, place: Place, meant: Option<&str>) -> Diagnostic {
    let found =
        Diagnostic::error(code(131), format!("there is no resource preset `{}`", printable(name)))
            .at(place, "");
    match meant {
        Some(meant) => found.hint(format!("did you mean `{meant}`?")),
        None => found.hint("make it in `spec.resourcePresets` of mainstay.yaml"),
    }
}

/// An autoscaler has no request to measure by.
///
/// It aims at a share of the request; without a request it does nothing.
pub(crate) fn c132_no_request(what: &str, place: Place) -> Diagnostic {
    Diagnostic::error(code(132), format!("the autoscaler measures {what}, but none is requested"))
        .at(place, "")
        .hint(format!("write `resources.requests.{what}`"))
}

/// An autoscaler's minimum is above its maximum.
pub(crate) fn c133_minimum_above_maximum(place: Place) -> Diagnostic {
    Diagnostic::error(code(133), "`minReplicas` is above `maxReplicas`")
        .at(place, "")
        .hint("raise `maxReplicas` or lower `minReplicas`")
}

/// An app has both replicas and an autoscaler.
///
/// The autoscaler owns the number, so `replicas` is not written.
pub(crate) fn c134_replicas_unused(replicas: Place, autoscaling: Place) -> Diagnostic {
    Diagnostic::warning(code(134), "`replicas` is not used beside `autoscaling`")
        .at(replicas, "not used")
        .also(autoscaling, "owns the number")
        .hint("remove `replicas`, or set `autoscaling.minReplicas`")
}

/// An app with a GPU writes no limits.
///
/// The preset's memory is meant for small services; programs that use a GPU would be killed.
pub(crate) fn c135_gpu_without_limits(place: Place) -> Diagnostic {
    Diagnostic::warning(code(135), "an app with a GPU should write its limits")
        .at(place, "")
        .hint("write `resources.limits` with CPU and memory")
}

/// A quota does not leave room for the apps' own rollout.
///
/// The numbers are those of the namespace's ResourceQuota. Each deployment at its most replicas and
/// one pod more while it is rolled, each job running: that must fit, or a rollout stops half-way
/// with `exceeded quota`.
pub(crate) fn c136_quota(name: &str, hard: &str, need: &str, place: Place) -> Diagnostic {
    let message = format!("the quota `{name}: {hard}` is below the {need} that a rollout needs");
    Diagnostic::error(code(136), message).at(place, "").hint(format!(
        "raise it to at least {need}; by hand in `quota: {{hard: {{{name}: {need}}}}}` of the environment's custom/values.yaml"
    ))
}

/// An amount of memory is so small that a unit must be missing.
///
/// A plain number is bytes: `128` is 128 bytes, in which no container starts. Write `128Mi`.
pub(crate) fn c137_tiny_memory(what: &str, amount: &str, meant: &str, place: Place) -> Diagnostic {
    let found = Diagnostic::error(code(137), format!("the memory {what} {amount} is below 4Mi"));
    found
        .at(place, "no container starts with so little")
        .hint(format!("a number without a unit is bytes: did you mean `{meant}`?"))
}

/// A CPU limit is zero, or below what the kernel can enforce.
///
/// A CPU limit of `0` is no limit at all. One below `10m` works as `10m`: the kernel hands out
/// processor time in pieces of at least a millisecond per tenth of a second. What was meant is most
/// often a number of cores, with an `m` too much.
pub(crate) fn c138_tiny_cpu(amount: Quantity, place: Place) -> Diagnostic {
    let found = if amount.is_zero() {
        Diagnostic::error(code(138), "the CPU limit 0 is no limit")
    } else {
        Diagnostic::warning(code(138), format!("the CPU limit {amount} works as 10m"))
    };
    found.at(place, "").hint("write `10m` or more; `1` is a whole core, `1m` a thousandth of one")
}
