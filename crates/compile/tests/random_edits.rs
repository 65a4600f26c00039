//! Random edits of generated files against random changes of spec and payload: never a lost edit, never a
//! silent overwrite, never a half-written tree.
//!
//! `ROUNDS` says how many rounds (200 if nothing is said), `SEED` where they begin. What must be true is
//! said here a second time, by leaves: each single value of the result is theirs where they changed it,
//! ours where generation did, and where both did, differently, nothing at all may be written.
#![allow(clippy::disallowed_methods, reason = "a test reads the example and its own settings")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail as tests do")]

mod support;

use std::collections::{BTreeMap, BTreeSet};

use support::{Chosen, Repository, doing, findings, generated, shop};
use text::World as _;
use yaml::{Kind, Node, Schema};

/// A stream of numbers, the same for the same seed (splitmix64).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() % end.max(1) as u64) as usize
    }

    fn one_in(&mut self, chances: usize) -> bool {
        self.below(chances) == 0
    }
}

fn setting(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

#[test]
fn no_edit_is_lost_and_nothing_is_overwritten() {
    let (rounds, seed) = (setting("ROUNDS", 200), setting("SEED", 1));
    let (mut written, mut merged, mut refused) = (0, 0, BTreeMap::<String, usize>::new());
    for round in seed..seed + rounds {
        let run = std::panic::catch_unwind(|| one_round(round));
        match run {
            Ok(Outcome::Written { merges }) => {
                written += 1;
                merged += merges;
            }
            Ok(Outcome::Refused(codes)) => {
                for code in codes {
                    *refused.entry(code).or_default() += 1;
                }
            }
            Err(_) => panic!("round {round} failed (`SEED={round} ROUNDS=1` repeats it)"),
        }
    }
    println!("{rounds} rounds: {written} written, {merged} files merged, refused: {refused:?}");
    if rounds >= 100 {
        assert!(
            written * 5 > rounds && merged as u64 * 5 > rounds,
            "{written} written, {merged} merged"
        );
        assert!(!refused.is_empty());
    }
}

enum Outcome {
    Written { merges: usize },
    Refused(BTreeSet<String>),
}

fn one_round(seed: u64) -> Outcome {
    let mut random = Random(seed);
    let (spec, payload) = shop();
    let mut repository = Repository::new(&spec, &payload);
    let (base, _) = generated(&spec, &payload);
    let mut marks = Vec::new();
    for _ in 0..1 + random.below(6) {
        edit(&mut repository, &mut random, &mut marks);
    }
    let (new_spec, new_payload) = change(&spec, &payload, &mut random);
    let (ours, _) = generated(&new_spec, &new_payload);
    let before: BTreeMap<String, Vec<u8>> = files(&repository);
    let allowed = Chosen { remove_data: vec!["search".to_owned()], ..Chosen::default() };
    let reconciled = repository.generate(&new_spec, &new_payload, &allowed);
    let after = files(&repository);
    if reconciled.is_refused() {
        assert!(before == after, "refused, and something was written");
        let codes = reconciled.diagnostics.iter().map(|found| found.code.to_string());
        return Outcome::Refused(codes.collect());
    }
    let text = |files: &BTreeMap<String, Vec<u8>>, path: &str| {
        files.get(path).map(|bytes| String::from_utf8(bytes.clone()).unwrap())
    };
    let generated_text = |tree: &compile::generate::Tree, path: &str| {
        tree.files.get(path).map(|file| String::from_utf8(file.bytes.clone()).unwrap())
    };
    let mut merges = 0;
    let paths: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    for path in paths.into_iter().filter(|path| !path.starts_with(".mainstay/")) {
        let b = generated_text(&base, path);
        let o = generated_text(&ours, path);
        let (t, r) = (text(&before, path), text(&after, path));
        if path.contains("/custom/") {
            if t.is_some() {
                assert_eq!(r, t, "{path} belongs to people");
            }
            continue;
        }
        if t == b {
            assert_eq!(r, o, "{path} was not touched");
            continue;
        }
        if o == b {
            assert_eq!(r, t, "{path} did not change in generation");
            continue;
        }
        let (Some(b), Some(o), Some(t), Some(r)) = (b, o, t, r) else {
            continue;
        };
        merges += 1;
        law(path, &b, &o, &t, &r, &marks);
    }
    // What was renamed asks about its data each time, until the spec says the name too.
    let again = repository.generate(&new_spec, &new_payload, &allowed);
    assert!(doing(&again).is_empty() && !again.is_refused(), "not settled:\n{}", findings(&again));
    Outcome::Written { merges }
}

fn files(repository: &Repository) -> BTreeMap<String, Vec<u8>> {
    let files = repository.world.files();
    files.map(|(path, bytes)| (path.to_owned(), bytes.to_vec())).collect()
}

/// What must be true of a merged file.
fn law(path: &str, base: &str, ours: &str, theirs: &str, result: &str, marks: &[String]) {
    let show = || {
        format!("{path}\n--- base\n{base}--- ours\n{ours}--- theirs\n{theirs}--- result\n{result}")
    };
    let template = path.contains("/templates/");
    let structured = (path.ends_with(".yaml") || path.ends_with(".yml")) && !template;
    let structured = structured || path.ends_with(".json");
    let mut removals = true;
    if structured {
        let [b, o, t, r] = [base, ours, theirs, result].map(leaves);
        let keys: BTreeSet<&String> =
            b.keys().chain(o.keys()).chain(t.keys()).chain(r.keys()).collect();
        removals = b.keys().any(|key| !o.contains_key(key));
        for key in keys {
            let (b, o, t, r) = (b.get(key), o.get(key), t.get(key), r.get(key));
            let wanted = if t == b || t == o { o } else { t };
            // A version that was raised goes with what it belongs to.
            let raised = o.is_none() && r.is_none() && key.ends_with(".tag");
            let both = t != b && o != b && t != o;
            if both && !raised {
                // Items that are matched by other keys than those known here merge one by one.
                let list =
                    |leaf: Option<&String>| leaf.is_none_or(|leaf| leaf.starts_with("List("));
                assert!([b, o, t, r].into_iter().all(list), "{key}: decided\n{}", show());
                continue;
            }
            assert!(r == wanted || raised, "{key}: {b:?} {o:?} {t:?} -> {r:?}\n{}", show());
        }
    } else {
        let lines = |text: &str| -> BTreeSet<String> {
            text.lines().map(|line| line.trim_end().to_owned()).collect()
        };
        let (b, o, t, r) = (lines(base), lines(ours), lines(theirs), lines(result));
        assert!(t.difference(&b).all(|line| r.contains(line)), "a line was lost\n{}", show());
        assert!(o.difference(&b).all(|line| r.contains(line)), "a line did not come\n{}", show());
        assert!(r.iter().all(|line| o.contains(line) || t.contains(line)), "{}", show());
    }
    for mark in marks.iter().filter(|mark| theirs.contains(mark.as_str())) {
        assert!(removals || result.contains(mark.as_str()), "{mark} was lost\n{}", show());
    }
    if theirs.contains("\r\n") {
        assert_eq!(result.matches("\r\n").count(), result.matches('\n').count(), "{}", show());
    }
}

/// The single values of a text by their paths; items of lists by name, or as themselves.
fn leaves(text: &str) -> BTreeMap<String, String> {
    let mut out = BTreeMap::new();
    let documents = yaml::parse_all(text, Schema::Core12).unwrap();
    for document in &documents {
        let named = |keys: &[&str]| {
            keys.iter().try_fold(document, |node, key| node.get(key)).and_then(Node::as_str)
        };
        let name = match documents.len() {
            1 => String::new(),
            _ => format!("{:?}/{:?}", named(&["kind"]), named(&["metadata", "name"])),
        };
        collect(document, &name, &mut out);
    }
    out
}

fn collect(node: &Node, path: &str, out: &mut BTreeMap<String, String>) {
    match &node.kind {
        Kind::Map(entries) => {
            for (key, value) in entries {
                collect(value, &format!("{path}.{}", key.as_str().unwrap_or("?")), out);
            }
        }
        Kind::List(items) => {
            let names: Vec<Option<&str>> = items
                .iter()
                .map(|item| {
                    let keys = ["name", "mountPath", "host", "path", "description", "key"];
                    keys.iter().find_map(|key| item.get(key).and_then(Node::as_str))
                })
                .collect();
            let scalars =
                items.iter().all(|item| item.as_map().is_none() && item.as_list().is_none());
            if scalars {
                for item in items {
                    out.insert(format!("{path}[{:?}]", item.kind), String::new());
                }
            } else if names.iter().all(Option::is_some) {
                for (item, name) in items.iter().zip(names) {
                    collect(item, &format!("{path}[{}]", name.unwrap_or_default()), out);
                }
            } else {
                out.insert(path.to_owned(), format!("{:?}", yaml::Value::from(node)));
            }
        }
        scalar => {
            out.insert(path.to_owned(), format!("{scalar:?}"));
        }
    }
}

/// Edits one generated file as a person, a pipeline or Renovate would.
fn edit(repository: &mut Repository, random: &mut Random, marks: &mut Vec<String>) {
    const FILES: &[&str] = &[
        "config/app-config.yaml",
        "config/app-config.yaml",
        "config/app-config.yaml",
        "overlays/dev/values.yaml",
        "overlays/prod/values.yaml",
        "overlays/dev/kustomization.yaml",
        "overlays/test/roles.yaml",
        "platform/applications/traefik.yaml",
        "platform/applications/cert-manager.yaml",
        "platform/applications/secrets-store-csi-driver.yaml",
        "platform/kustomization.yaml",
        "platform/network-policies/traefik.yaml",
        "projects/platform/project.yaml",
        "apps/root/application.yaml",
        ".github/workflows/validate.yml",
        "renovate.json",
        "README.md",
        "docs/secrets.md",
        "scripts/validate.sh",
        ".gitignore",
        "overlays/prod/custom/values.yaml",
    ];
    let path = FILES[random.below(FILES.len())];
    let Ok(bytes) = repository.world.read(path) else { return };
    let text = String::from_utf8(bytes.to_vec()).unwrap();
    if random.one_in(60) {
        repository.world.remove(path);
        return;
    }
    let mark = format!("mark-{}", marks.len());
    let edited = match path.rsplit_once('.').map(|(_, extension)| extension) {
        Some("yaml" | "yml") => edit_yaml(&text, &mark, random),
        Some("json") => edit_json(&text, &mark, random),
        _ => edit_lines(&text, &mark, random),
    };
    let Some(edited) = edited else { return };
    // Whatever a random edit made, it must still be what a person would have committed.
    let structured = path.ends_with(".yaml") || path.ends_with(".yml") || path.ends_with(".json");
    if structured && (yaml::parse_all(&edited, Schema::Core12).is_err() || has_repeated(&edited)) {
        return;
    }
    marks.push(mark);
    repository.world.insert(path, edited);
}

fn has_repeated(text: &str) -> bool {
    fn repeated(node: &Node) -> bool {
        match &node.kind {
            Kind::Map(entries) => {
                let mut seen = BTreeSet::new();
                entries.iter().any(|(key, value)| {
                    !seen.insert(key.as_str().unwrap_or_default().to_owned()) || repeated(value)
                })
            }
            Kind::List(items) => {
                let mut seen = BTreeSet::new();
                items.iter().any(|item| {
                    let twice = match &item.kind {
                        Kind::Map(_) => item
                            .get("name")
                            .and_then(Node::as_str)
                            .is_some_and(|name| !seen.insert(name.to_owned())),
                        Kind::List(_) => false,
                        scalar => !seen.insert(format!("{scalar:?}")),
                    };
                    twice || repeated(item)
                })
            }
            _ => false,
        }
    }
    yaml::parse_all(text, Schema::Core12).unwrap().iter().any(repeated)
}

fn edit_yaml(text: &str, mark: &str, random: &mut Random) -> Option<String> {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let is_content = |line: &String| {
        let line = line.trim();
        !line.is_empty() && !line.starts_with('#') && line != "---"
    };
    let content: Vec<usize> = (0..lines.len()).filter(|&index| is_content(&lines[index])).collect();
    let at = *content.get(random.below(content.len()))?;
    let line = lines[at].clone();
    let indent = line.len() - line.trim_start().len();
    let dash = line.trim_start().starts_with("- ");
    let crlf = text.contains("\r\n");
    match random.below(14) {
        0 | 1 => lines.insert(at, format!("{}# {mark}", " ".repeat(indent))),
        2 | 3 => lines[at] = format!("{line} # {mark}"),
        // Another value.
        4..=6 => {
            let (key, value) = line.split_once(": ")?;
            let value = value.split(" #").next()?.trim();
            let new = match value.parse::<i64>() {
                Ok(number) => (number + 1 + random.below(3) as i64).to_string(),
                Err(_) if value.starts_with('"') => format!("\"{mark}\""),
                Err(_) if value.starts_with(['{', '[', '|', '>', '&', '*', '\'']) => return None,
                Err(_) => mark.to_owned(),
            };
            lines[at] = format!("{key}: {new}");
        }
        // A key of one's own.
        7 | 8 => {
            if !line.contains(": ") && !line.ends_with(':') {
                return None;
            }
            let indent = if dash { indent + 2 } else { indent };
            let mut end = at + 1;
            while end < lines.len() && {
                let next = &lines[end];
                let own = next.len() - next.trim_start().len();
                !next.trim().is_empty()
                    && (own > indent || own == indent && next.trim_start().starts_with("- "))
            } {
                end += 1;
            }
            lines.insert(end, format!("{}x-{mark}: {}", " ".repeat(indent), random.below(9)));
        }
        // A key, an item or a block goes.
        9 => {
            let mut end = at + 1;
            while end < lines.len() && {
                let next = &lines[end];
                let own = next.len() - next.trim_start().len();
                !next.trim().is_empty() && own > indent
            } {
                end += 1;
            }
            lines.drain(at..end);
        }
        // Other quotes.
        10 => {
            let (key, value) = line.split_once(": ")?;
            let inner = value.strip_prefix('"')?.strip_suffix('"')?;
            if inner.contains(['\\', '\'']) {
                return None;
            }
            lines[at] = format!("{key}: '{inner}'");
        }
        // Windows line ends.
        11 => {
            if crlf {
                return None;
            }
            return Some(text.replace('\n', "\r\n"));
        }
        // A small block becomes a flow.
        12 => {
            let key = line.strip_suffix(':')?;
            let mut inner = Vec::new();
            let mut end = at + 1;
            while end < lines.len() {
                let next = &lines[end];
                let own = next.len() - next.trim_start().len();
                if own <= indent || next.trim().is_empty() {
                    break;
                }
                let entry = next.trim();
                if entry.starts_with(['-', '#'])
                    || entry.ends_with(':')
                    || entry.contains(['|', '>', '{', '['])
                {
                    return None;
                }
                inner.push(entry.split(" #").next()?.to_owned());
                end += 1;
            }
            if inner.is_empty() || dash {
                return None;
            }
            lines.splice(at..end, [format!("{key}: {{{}}}", inner.join(", "))]);
        }
        // An item moves to the end of its list.
        _ => {
            if !dash {
                return None;
            }
            let mut end = at + 1;
            while end < lines.len()
                && (lines[end].trim().is_empty()
                    || lines[end].len() - lines[end].trim_start().len() > indent)
            {
                end += 1;
            }
            let mut last = end;
            while last < lines.len()
                && (lines[last].trim().is_empty()
                    || lines[last].len() - lines[last].trim_start().len() > indent
                    || lines[last].starts_with(&format!("{}- ", " ".repeat(indent))))
            {
                last += 1;
            }
            let item: Vec<String> = lines.drain(at..end).collect();
            let to = last - item.len();
            lines.splice(to..to, item);
        }
    }
    let line_break = if crlf { "\r\n" } else { "\n" };
    Some(lines.iter().map(|line| format!("{line}{line_break}")).collect())
}

fn edit_json(text: &str, mark: &str, random: &mut Random) -> Option<String> {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let at = random.below(lines.len());
    let line = lines[at].clone();
    match random.below(3) {
        0 => {
            let (key, value) = line.split_once("\": \"")?;
            let comma = if value.ends_with(',') { "," } else { "" };
            lines[at] = format!("{key}\": \"{mark}\"{comma}");
        }
        1 => {
            if !line.trim_end().ends_with('{') {
                return None;
            }
            let indent = line.len() - line.trim_start().len() + 2;
            lines.insert(at + 1, format!("{}\"{mark}\": [1, 2],", " ".repeat(indent)));
        }
        _ => {
            if !line.ends_with(',') || line.contains(['{', '[', ']', '}']) {
                return None;
            }
            lines.remove(at);
        }
    }
    Some(lines.iter().map(|line| format!("{line}\n")).collect())
}

fn edit_lines(text: &str, mark: &str, random: &mut Random) -> Option<String> {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let at = random.below(lines.len());
    match random.below(4) {
        0 | 1 => lines.insert(at, format!("# {mark}")),
        2 => lines[at] = format!("{} {mark}", lines[at]),
        _ => return Some(text.replace("\r\n", "\n").replace('\n', "\r\n")),
    }
    let line_break = if text.contains("\r\n") { "\r\n" } else { "\n" };
    Some(lines.iter().map(|line| format!("{line}{line_break}")).collect())
}

/// Changes spec and payload.
fn change(spec: &str, payload: &str, random: &mut Random) -> (String, String) {
    let (mut spec, mut payload) = (spec.to_owned(), payload.to_owned());
    for _ in 0..1 + random.below(4) {
        let number = 1 + random.below(9);
        match random.below(12) {
            0 => {
                payload =
                    payload.replacen("\"replicas\": 4", &format!("\"replicas\": {number}"), 1);
            }
            1 => {
                let app = format!(
                    r#"{{ "name": "new-{number}", "image": "ghcr.io/example-shop/new:{number}.0", "fqdn": "new-{number}.shop.example.com", "port": 8080, "env": {{ "A": "{number}" }} }},"#
                );
                if !payload.contains(&format!("new-{number}\"")) {
                    payload = payload.replacen("\"apps\": [", &format!("\"apps\": [{app}"), 1);
                }
            }
            2 | 3 => payload = without_an_app(&payload, random),
            4 => payload = payload.replacen("\"WORKERS\": 4", &format!("\"WORKERS\": {number}"), 1),
            5 => payload = payload.replacen("\"100m\"", &format!("\"{number}00m\""), 1),
            6 => payload = payload.replacen(":2.8.1\"", &format!(":2.8.{number}\""), 1),
            7 => spec = spec.replacen("controller: traefik", "controller: none", 1),
            8 => spec = spec.replace("LOG_LEVEL: debug", &format!("LOG_LEVEL: level{number}")),
            9 => spec = spec.replace("default: prod", "default: staging"),
            10 if spec.contains("quay.io/more") => {}
            10 => {
                spec = spec.replace(
                    "    - docker.io/rancher\n",
                    "    - docker.io/rancher\n      - quay.io/more\n",
                );
            }
            _ => spec = spec.replace("owner: platform@", &format!("owner: team{number}@")),
        }
    }
    (spec, payload)
}

fn without_an_app(payload: &str, random: &mut Random) -> String {
    let Ok(mut value) = serde_json::from_str::<serde_json::Value>(payload) else {
        return payload.to_owned();
    };
    if let Some(apps) = value.get_mut("apps").and_then(serde_json::Value::as_array_mut)
        && apps.len() > 3
    {
        let at = random.below(apps.len());
        apps.remove(at);
    }
    format!("{value:#}\n")
}
