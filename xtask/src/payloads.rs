//! Random payloads that use every field, for judging and for measuring.

use anyhow::{Context, Result};
use serde_json::{Map, Value, json};

use crate::random::Random;

/// Prints a payload.
#[expect(clippy::print_stdout, reason = "its output is the payload")]
pub(crate) fn print(apps: &str, seed: &str) -> Result<()> {
    let apps = apps.parse().context("APPS must be a number")?;
    let seed = seed.parse().context("SEED must be a number")?;
    println!("{}", serde_json::to_string_pretty(&payload(apps, seed))?);
    Ok(())
}

/// Returns a payload of `apps` apps without findings that are errors.
pub(crate) fn payload(apps: usize, seed: u64) -> Value {
    let mut random = Random::new(seed);
    let apps: Vec<Value> = (0..apps).map(|number| app(number, &mut random)).collect();
    json!({ "version": 1, "apps": apps })
}

fn app(number: usize, random: &mut Random) -> Value {
    let words = ["web", "api", "search", "mail", "cart", "stock", "pay", "report"];
    let name = format!("{}-{number}", random.pick(&words));
    let mut app = Map::new();
    let mut set = |key: &str, value: Value| {
        app.insert(key.to_owned(), value);
    };
    set("name", json!(name));
    let kind =
        *random.pick(&["deployment", "deployment", "deployment", "deployment", "cronjob", "job"]);
    if kind != "deployment" || random.chance(30) {
        set("type", json!(kind));
    }
    set("image", json!(format!("ghcr.io/example-shop/{name}")));
    if random.chance(15) {
        let digest: String =
            (0..64).map(|_| *random.pick(&['0', '3', '7', 'a', 'c', 'f'])).collect();
        set("digest", json!(format!("sha256:{digest}")));
    } else {
        let tag = format!("1.{}.{}", random.below(20), random.below(20));
        set("tag", json!(tag));
    }
    let cpu = 50 + 10 * random.below(20);
    let memory = 64 + 32 * random.below(20);
    set(
        "resources",
        json!({
            "requests": { "cpu": format!("{cpu}m"), "memory": format!("{memory}Mi") },
            "limits": { "cpu": format!("{}m", cpu * 4), "memory": format!("{}Mi", memory * 2) },
        }),
    );
    if random.chance(70) {
        let texts = [
            "plain",
            "yes",
            "0123",
            "1e3",
            "a: b # c",
            " lead",
            "múltiple\nlines",
            "{{ x }}",
            "~",
            "-",
            "",
        ];
        let mut env = Map::new();
        for index in 0..=random.below(4) {
            env.insert(format!("SETTING_{index}"), json!(*random.pick(&texts)));
        }
        set("env", Value::Object(env));
    }
    if random.chance(40) {
        set("secrets", json!([{ "key": "DATABASE_URL" }, { "key": "TLS_CA", "file": "ca.pem" }]));
    }
    if random.chance(30) {
        set("volumes", json!([{ "name": "tmp", "mountPath": "/tmp", "type": "emptyDir" }]));
    }
    if random.chance(15) {
        set("nodeSelector", json!({ "kubernetes.io/arch": "arm64" }));
        set("tolerations", json!([{ "key": "dedicated", "value": "web", "effect": "NoSchedule" }]));
    }
    if random.chance(15) {
        set("affinity", json!({ "spread": *random.pick(&["preferred", "required"]) }));
    }
    if random.chance(10) {
        set(
            "rbac",
            json!({ "rules": [{ "apiGroups": [""], "resources": ["configmaps"], "verbs": ["get"] }] }),
        );
    }
    if random.chance(10) {
        set("securityContext", json!({ "readOnlyRootFilesystem": false, "runAsUser": 1000 }));
    }
    if random.chance(10) {
        set("labels", json!({ "team": "shop" }));
        set("annotations", json!({ "example.com/owner": "a, b" }));
    }
    match kind {
        "cronjob" => {
            set(
                "schedule",
                json!(*random.pick(&["0 3 * * *", "*/15 * * * *", "30 2 * * 1-5", "@daily"])),
            );
        }
        "job" => set("backoffLimit", json!(random.below(5))),
        _ => deployment(number, random, &mut app),
    }
    Value::Object(app)
}

fn deployment(number: usize, random: &mut Random, app: &mut Map<String, Value>) {
    let mut set = |key: &str, value: Value| {
        app.insert(key.to_owned(), value);
    };
    set("port", json!(8000 + random.below(1000)));
    match random.below(3) {
        0 => set("internal", json!(true)),
        1 => set("fqdn", json!(format!("app-{number}.shop.example.com"))),
        _ => set(
            "hosts",
            json!([{ "host": format!("h{number}.shop.example.com"), "paths": ["/", "/api"] }]),
        ),
    }
    if random.chance(25) {
        set("autoscaling", json!({ "minReplicas": 2, "maxReplicas": 2 + random.below(6) }));
    } else {
        set("replicas", json!(1 + random.below(4)));
    }
    if random.chance(50) {
        set("health", json!("/healthz"));
    }
    if random.chance(20) {
        set(
            "environments",
            json!({ "dev": { "replicas": 1 }, "prod": { "env": { "LOG_LEVEL": "warn" } } }),
        );
        set("autoscaling", Value::Null);
    }
    if app.get("autoscaling").is_some_and(Value::is_null) {
        app.remove("autoscaling");
    }
}
