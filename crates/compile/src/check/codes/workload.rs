//! Ports, probes, schedules, volumes, security, placement.

use text::{Code, Diagnostic, Place, Stage};

use crate::intake::printable;

const fn code(number: u16) -> Code {
    Code::new(Stage::Check, number)
}

/// Two ports of an app are the same.
///
/// Names, container ports and service ports must differ.
pub(crate) fn c140_same_port(what: &str, first: Place, second: Place) -> Diagnostic {
    Diagnostic::error(code(140), format!("two ports have the same {what}"))
        .at(second, "second")
        .also(first, "first")
        .hint(format!("give this one another {what}, or remove it"))
}

/// A probe asks a port that the app does not have.
///
/// It would fail for ever, and the pod be restarted or never get traffic.
pub(crate) fn c141_probe_port(port: &str, ports: &str, place: Place) -> Diagnostic {
    let message = format!("the probe asks port `{}`, which is not exposed", printable(port));
    Diagnostic::error(code(141), message).at(place, "").hint(ports)
}

/// A path sends requests to a port that the app does not have.
pub(crate) fn c142_path_port(port: &str, ports: &str, place: Place) -> Diagnostic {
    let message = format!("the path leads to port `{}`, which is not exposed", printable(port));
    Diagnostic::error(code(142), message).at(place, "").hint(ports)
}

/// A liveness or startup probe wants more than one success.
///
/// Kubernetes allows only 1 there.
pub(crate) fn c143_success_threshold(place: Place) -> Diagnostic {
    Diagnostic::error(code(143), "`successThreshold` must be 1 for liveness and startup probes")
        .at(place, "")
        .hint("remove it")
}

/// A cronjob has no schedule.
pub(crate) fn c144_no_schedule(place: Place) -> Diagnostic {
    Diagnostic::error(code(144), "a cronjob needs a `schedule`")
        .at(place, "")
        .hint("for example `\"schedule\": \"30 2 * * *\"`, every day at 2:30")
}

/// A schedule is no cron expression.
///
/// Five fields: minute (0–59), hour (0–23), day of month (1–31), month (1–12 or jan–dec), day of
/// week (0–6 or sun–sat, 0 is Sunday). Each is `*`, a number, a range `1-5`, a list `1,15` or a step
/// `*/10`. Or one of `@yearly`, `@monthly`, `@weekly`, `@daily`, `@hourly`.
pub(crate) fn c145_schedule(why: &str, place: Place) -> Diagnostic {
    Diagnostic::error(code(145), format!("this is no cron expression: {why}"))
        .at(place, "")
        .hint("minute, hour, day of month, month, day of week: `30 2 * * *` is 2:30 every day")
}

/// A schedule never comes.
///
/// No year has that day, such as 30 February.
pub(crate) fn c146_never(place: Place) -> Diagnostic {
    Diagnostic::error(code(146), "no year has such a day").at(place, "the job would never run")
}

/// A time zone is not one of the IANA database.
///
/// Kubernetes refuses the object. They are called `Area/City`, such as `Europe/Berlin`, or `Etc/UTC`;
/// the list is that of the IANA database 2026f.
pub(crate) fn c147_time_zone(zone: &str, place: Place, near: Option<&str>) -> Diagnostic {
    let found = Diagnostic::error(code(147), format!("`{}` is no time zone", printable(zone)))
        .at(place, "");
    match near {
        Some(near) => found.hint(format!("did you mean `{near}`?")),
        None => found.hint("write `Area/City`, such as `Europe/Berlin`, or `Etc/UTC`"),
    }
}

/// Two volumes of an app have the same name or folder.
pub(crate) fn c150_same_volume(what: &str, first: Place, second: Place) -> Diagnostic {
    Diagnostic::error(code(150), format!("two volumes have the same {what}"))
        .at(second, "second")
        .also(first, "first")
        .hint(format!("give this one another {what}"))
}

/// A persistent volume has no size.
///
/// A claim cannot be made without one. `type: emptyDir` needs none.
pub(crate) fn c151_no_size(place: Place) -> Diagnostic {
    Diagnostic::error(code(151), "a persistent volume needs a `size`")
        .at(place, "")
        .hint("write `\"size\": \"1Gi\"`, or `\"type\": \"emptyDir\"` for a folder that is lost with the pod")
}

/// A volume that can be mounted once is used by several pods.
///
/// `ReadWriteOnce` can be mounted on one node only, `ReadWriteOncePod` by one pod only; the other
/// pods wait for ever. Run one replica, or use `ReadWriteMany` on storage that can.
pub(crate) fn c152_shared_volume(
    mode: &str,
    environment: &str,
    volume: Place,
    replicas: Place,
) -> Diagnostic {
    let message = format!("a {mode} volume cannot be shared by the replicas (in {environment})");
    Diagnostic::error(code(152), message)
        .at(volume, "can be mounted once")
        .also(replicas, "more than one pod")
        .hint("run one replica, or set `accessMode: ReadWriteMany` on storage that can do it")
}

/// A field means nothing for this kind of volume.
pub(crate) fn c153_volume_field(field: &str, kind: &str, place: Place) -> Diagnostic {
    Diagnostic::error(code(153), format!("`{field}` means nothing for {kind}"))
        .at(place, "")
        .hint("remove it")
}

/// A workload is not allowed by the platform's Pod Security level.
///
/// `restricted` wants what the chart does by default: non-root, no privilege escalation, all
/// capabilities dropped but NET_BIND_SERVICE, a seccomp profile. `baseline` allows root, and refuses
/// an unconfined seccomp profile and capabilities beyond those of a container's default set.
/// The namespace would refuse the pods.
pub(crate) fn c160_pod_security(
    what: &str,
    level: &str,
    place: Place,
    policy: Option<Place>,
) -> Diagnostic {
    let found = Diagnostic::error(code(160), format!("`{level}` namespaces refuse {what}"));
    let found = found.at(place, "");
    let found = match policy {
        Some(policy) => found.also(policy, "the level of the namespaces"),
        None => found,
    };
    found.hint("remove it, or relax `spec.policies.podSecurity`")
}

/// A workload must not run as root and runs as root.
///
/// `runAsUser: 0` is root, so `runAsNonRoot` would stop the container from starting.
pub(crate) fn c161_root(place: Place) -> Diagnostic {
    Diagnostic::error(code(161), "`runAsUser: 0` is root, which `runAsNonRoot` forbids")
        .at(place, "")
        .hint("choose another user, or add `\"runAsNonRoot\": false`")
}

/// An app wants to run beside an app that is not there.
pub(crate) fn c162_same_node(name: &str, place: Place, meant: Option<&str>) -> Diagnostic {
    let found =
        Diagnostic::error(code(162), format!("there is no other app `{}`", printable(name)))
            .at(place, "its pods would never be scheduled");
    match meant {
        Some(meant) => found.hint(format!("did you mean `{meant}`?")),
        None => found.hint("write the `name` of another app of the payload, or remove it"),
    }
}

/// A toleration contradicts itself.
///
/// `Exists` takes no value; `Equal` needs a key; `tolerationSeconds` needs the effect NoExecute.
pub(crate) fn c163_toleration(why: &str, place: Place) -> Diagnostic {
    Diagnostic::error(code(163), format!("Kubernetes refuses this toleration: {why}")).at(place, "")
}

/// A text is no address block.
pub(crate) fn c164_cidr(cidr: &str, place: Place) -> Diagnostic {
    Diagnostic::error(code(164), format!("`{}` is no address block", printable(cidr)))
        .at(place, "")
        .hint("write an address and the length of its prefix, such as `10.20.0.0/16`")
}

/// The requests of a host go to a UDP port.
///
/// An ingress controller speaks HTTP, which is TCP. The first port gets the hosts' traffic.
pub(crate) fn c148_udp_host(place: Place) -> Diagnostic {
    Diagnostic::error(code(148), "the requests of the app's hosts would go to a UDP port")
        .at(place, "the first port gets them")
        .hint("put a TCP port first, or leave the hosts out")
}

/// A volume is so small that a unit must be missing.
///
/// A plain number is bytes: `10` is ten of them. Write `10Gi`.
pub(crate) fn c154_tiny_volume(size: &str, place: Place) -> Diagnostic {
    Diagnostic::error(code(154), format!("the volume's size {size} is below 1Mi"))
        .at(place, "")
        .hint(format!("a number without a unit is bytes: did you mean `{size}Gi`?"))
}

/// A volume is mounted where the container needs its own files, or on a path that is none.
///
/// `/`, `/proc`, `/sys` and `/dev` belong to the container; a path has neither `..` nor `//` in it.
pub(crate) fn c155_mount_path(path: &str, place: Place) -> Diagnostic {
    Diagnostic::error(code(155), format!("a volume cannot be mounted at `{}`", printable(path)))
        .at(place, "")
        .hint("choose a folder of the app's own, such as `/var/lib/data`")
}

/// Apps wait for each other's node.
///
/// Each must run on the node of the other, and no node has either: none of them is ever started.
pub(crate) fn c165_same_node_circle(first: &str, second: &str, place: Place) -> Diagnostic {
    let message = format!(
        "`{}` and `{}` each wait for the node of the other",
        printable(first),
        printable(second)
    );
    Diagnostic::error(code(165), message).at(place, "").hint("remove one of the two `sameNodeAs`")
}

/// An app is larger than what a cluster can keep.
///
/// An app becomes a few objects, and etcd takes none that has more than 1.5 MiB.
pub(crate) fn c128_too_large(size: usize, place: Place) -> Diagnostic {
    let message =
        format!("this app has {} KiB, and a cluster keeps none above 1,536 KiB", size / 1024);
    Diagnostic::error(code(128), message)
        .at(place, "")
        .hint("keep the data elsewhere: in the image, a volume, an object store")
}

/// A volume has a name or a folder that the chart uses itself.
///
/// The chart adds `writable-tmp` (a writable `/tmp`), `secrets-store` (secrets that are files, in
/// `/mnt/secrets`) and `existing-…` (files of Secrets that are there already).
pub(crate) fn c156_charts_volume(what: &str, taken: &str, place: Place) -> Diagnostic {
    let message = format!("the chart has a volume of the {what} `{}` itself", printable(taken));
    Diagnostic::error(code(156), message).at(place, "").hint(format!("choose another {what}"))
}

/// Two apps would have one claim.
///
/// A claim is named for its app and its volume, `APP-VOLUME`.
pub(crate) fn c157_same_claim(
    claim: &str,
    (first, second): (&str, &str),
    places: (Place, Place),
) -> Diagnostic {
    let message = format!(
        "`{}` and `{}` would share the claim `{}`",
        printable(first),
        printable(second),
        printable(claim)
    );
    Diagnostic::error(code(157), message)
        .at(places.1, "second")
        .also(places.0, "first")
        .hint("give one of the two volumes another name")
}

/// An app must run on the node of an app that has no pods there.
///
/// It is off in that environment, or it is a job, whose pods come and go: the app's own pods would wait
/// without end.
pub(crate) fn c166_nobody_there(other: &str, why: &str, place: Place) -> Diagnostic {
    let message = format!("`{}` {why}: there is no node of it to run on", printable(other));
    Diagnostic::error(code(166), message)
        .at(place, "its pods would never be scheduled")
        .hint("remove `sameNodeAs`, or name an app that runs wherever this one does")
}

/// Pods must be on different nodes and on the node of another app at once.
pub(crate) fn c167_spread_on_one_node(place: Place) -> Diagnostic {
    Diagnostic::warning(code(167), "`spread: required` and `sameNodeAs` want different nodes")
        .at(place, "all but one of the pods would wait where there are several nodes")
        .hint("write `spread: preferred`, or remove one of the two")
}

/// A value that no program can be started with.
///
/// Linux starts no program that has a variable of more than 128 KiB (`MAX_ARG_STRLEN`).
pub(crate) fn c129_long_variable(name: &str, size: usize, place: Place) -> Diagnostic {
    let message = format!("the variable `{}` has {} KiB", printable(name), size / 1024);
    Diagnostic::error(code(129), message)
        .at(place, "no program is started with more than 128")
        .hint("keep the data elsewhere: in the image, a volume, an object store")
}

/// A port's name is none that Kubernetes takes.
pub(crate) fn c139_port_name(name: &str, place: Place) -> Diagnostic {
    Diagnostic::error(code(139), format!("`{}` is no name of a port", printable(name)))
        .at(place, "")
        .hint("at most 15 lower-case letters, digits and single `-`, a letter among them")
}

/// A path is none that an Ingress takes.
pub(crate) fn c158_no_path(path: &str, place: Place) -> Diagnostic {
    let message = format!("`{}` is no path that an Ingress takes", printable(path));
    Diagnostic::error(code(158), message)
        .at(place, "")
        .hint("it begins with `/` and has no `//`, `.` or `..` in it")
}
