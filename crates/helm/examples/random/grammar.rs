//! The grammar of random charts: small ones that use much of what charts do at once.

use crate::cases::Case;

/// A small generator of numbers: the same seed gives the same chart.
pub(crate) struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        // splitmix64
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % limit.max(1) as u64).unwrap_or(0)
    }

    fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from.get(self.below(from.len())).copied().unwrap_or_default()
    }
}

const KEYS: [&str; 12] =
    ["a", "b", "c", "image", "tag", "labels", "on", "enabled", "n", "x-y", "d", "e"];
/// Paths that fail where something is missing; used now and then.
const RISKY: [&str; 5] = [
    ".Values.image.tag",
    ".Values.a.b.c",
    ".Values.global.a.b",
    ".Chart.nope.x",
    ".Release.Name.x",
];
const PATHS: [&str; 14] = [
    ".Values.a",
    ".Values.b",
    ".Values.image",
    "((.Values.image | default dict) | kindOf)",
    ".Values.labels",
    ".Values.global",
    "(.Values.global).a",
    ".Values.s",
    ".Values.t",
    ".Values.n",
    ".Release.Name",
    ".Chart.Name",
    ".Values",
    "$.Values.c",
];
const SCALARS: [&str; 30] = [
    "1",
    "0",
    "-5",
    "1.5",
    "1e3",
    "true",
    "false",
    "null",
    "~",
    "text",
    "\"quoted\"",
    "'single'",
    "\"\"",
    "yes",
    "0755",
    "12:30",
    "2020-01-01",
    "[]",
    "{}",
    "[1, a, null]",
    "{a: 1, b: null}",
    "123456789",
    "\"a: b\"",
    "\"# x\"",
    "\"1\"",
    "\"line\\nbreak\"",
    "äöü",
    "\"{{ .Release.Name }}\"",
    "&x y",
    "!!str 5",
];
const KINDS: [&str; 10] = [
    "Deployment",
    "Service",
    "ConfigMap",
    "Secret",
    "Job",
    "Foo",
    "Namespace",
    "Ingress",
    "Bar",
    "ServiceAccount",
];
/// Functions that take anything.
const PIPES: [&str; 14] = [
    "quote",
    "squote",
    "toYaml",
    "toJson",
    "default \"d\"",
    "default 5",
    "toString",
    "empty",
    "not",
    "typeOf",
    "kindOf",
    "printf \"%v\"",
    "printf \"%s-%d\" \"x\"",
    "toPrettyJson",
];
/// Functions that take a text.
const TEXT_PIPES: [&str; 14] = [
    "upper",
    "lower",
    "trim",
    "b64enc",
    "nindent 4",
    "indent 2",
    "trunc 3",
    "len",
    "title",
    "replace \"a\" \"b\"",
    "trimSuffix \"x\"",
    "sha256sum",
    "quote",
    "fromYaml",
];

/// Returns the case of a seed.
pub(crate) fn case(seed: u64) -> Case {
    let mut random = Random(seed);
    let mut files = Vec::new();
    chart(&mut random, "c", "c", 0, &mut files);
    let mut arguments = vec!["rel".to_owned(), "c".to_owned()];
    if random.chance(40) {
        files.push(("v.yaml".to_owned(), values(&mut random, 0, true).into_bytes()));
        arguments.extend(["-f".to_owned(), "v.yaml".to_owned()]);
    }
    if random.chance(40) {
        let flag = random.pick(&["--set", "--set", "--set-string", "--set-json", "--set-literal"]);
        let text = match flag {
            "--set-json" if random.chance(90) => random
                .pick(&[
                    "a=[1,{\"b\":null}],b=\"x\"",
                    "{\"image\":{\"tag\":1.5}}",
                    "t.n=null,e[1]=2",
                ])
                .to_owned(),
            _ => set(&mut random),
        };
        arguments.extend([flag.to_owned(), text]);
    }
    for (flag, percent) in
        [("--include-crds", 15), ("--no-hooks", 5), ("--skip-tests", 5), ("--is-upgrade", 10)]
    {
        if random.chance(percent) {
            arguments.push(flag.to_owned());
        }
    }
    if random.chance(5) {
        arguments.extend(["-s".to_owned(), "templates/*.yaml".to_owned()]);
    }
    assemble(&arguments, files)
}

/// Returns a case of these parts.
pub(crate) fn assemble(arguments: &[String], files: Vec<(String, Vec<u8>)>) -> Case {
    let shown: Vec<String> = arguments
        .iter()
        .map(|a| if a.contains(' ') || a.is_empty() { format!("'{a}'") } else { a.clone() })
        .collect();
    let mut question = format!("# Found by comparing random charts.\nargs: {}\n", shown.join(" "));
    for (path, content) in &files {
        let text = String::from_utf8_lossy(content);
        let style = if text.ends_with('\n') || text.is_empty() { "" } else { " raw" };
        let end = if style.is_empty() { "" } else { "\n" };
        question.push_str(&format!("== {path}{style}\n{text}{end}"));
    }
    Case { path: "random".into(), question, arguments: arguments.to_vec(), files, answer: None }
}

fn set(random: &mut Random) -> String {
    let mut text = String::new();
    for at in 0..=random.below(3) {
        if at > 0 {
            text.push(',');
        }
        text.push_str(random.pick(&KEYS));
        match random.below(6) {
            0 => text.push_str(&format!(".{}", random.pick(&KEYS))),
            1 => text.push_str(&format!("[{}]", random.below(3))),
            2 => text.push_str(&format!("[{}].{}", random.below(2), random.pick(&KEYS))),
            _ => {}
        }
        text.push('=');
        text.push_str(
            random.pick(&["1", "x", "null", "true", "", "{a,b}", "1.5", "a\\,b", "[1]", "\"q\""]),
        );
    }
    text
}

fn chart(
    random: &mut Random,
    folder: &str,
    name: &str,
    depth: usize,
    files: &mut Vec<(String, Vec<u8>)>,
) {
    let mut push = |path: String, text: String| files.push((path, text.into_bytes()));
    let children: Vec<&str> = match depth {
        0 => ["s", "t", "l"].into_iter().filter(|_| random.chance(50)).collect(),
        1 => ["u"].into_iter().filter(|_| random.chance(30)).collect(),
        _ => Vec::new(),
    };
    let mut metadata = format!("apiVersion: v2\nname: {name}\nversion: 0.1.0\n");
    if random.chance(20) {
        metadata.push_str("appVersion: 1.10\nkeywords: [a, 1]\nannotations: {x: y}\n");
    }
    if name == "l" {
        metadata.push_str("type: library\n");
    }
    if !children.is_empty() && random.chance(70) {
        metadata.push_str("dependencies:\n");
        for child in &children {
            let version = random.pick(&["0.1.0", "*", ">=0.1.0", "^0.1", "~0.1", "1.x"]);
            metadata.push_str(&format!("- name: {child}\n  version: \"{version}\"\n"));
            if random.chance(30) {
                let condition =
                    random.pick(&["s.enabled", "t.on", "global.on", "enabled,t.enabled", "c.on"]);
                metadata.push_str(&format!("  condition: {condition}\n"));
            }
            if random.chance(20) {
                metadata.push_str("  tags: [one, two]\n");
            }
            if random.chance(20) {
                metadata
                    .push_str(&format!("  alias: {child}{}\n", random.pick(&["x", "-y", "_z"])));
            }
            if random.chance(25) {
                metadata.push_str("  import-values:\n");
                metadata.push_str(random.pick(&[
                    "  - data\n",
                    "  - child: labels\n    parent: labels\n",
                    "  - child: image\n    parent: x.y\n  - {child: b, parent: .}\n",
                ]));
            }
        }
    }
    push(format!("{folder}/Chart.yaml"), metadata);
    if random.chance(90) {
        push(format!("{folder}/values.yaml"), values(random, 0, depth == 0));
    }
    if random.chance(5) {
        push(format!("{folder}/values.schema.json"), schema(random));
    }
    if random.chance(60) {
        let mut text = "{{ define \"h.one\" }}one: 1{{ end }}\n".to_owned();
        for at in 0..=random.below(2) {
            let trim = if random.chance(50) { "-" } else { "" };
            text.push_str(&format!(
                "{{{{{trim} define \"{}\" {trim}}}}}\n{}{{{{{trim} end {trim}}}}}\n",
                if at == 0 { "h.two" } else { random.pick(&["h.three", "h.four"]) },
                body(random, at + 1)
            ));
        }
        push(format!("{folder}/templates/_h.tpl"), text);
    } else if depth == 0 {
        push(
            format!("{folder}/templates/_h.tpl"),
            "{{ define \"h.one\" }}one: 1{{ end }}{{ define \"h.two\" }}two{{ end }}".to_owned(),
        );
    }
    for file in 0..random.below(3) {
        let name = random.pick(&["a.yaml", "b.yaml", "d/e.yml", "z.txt", "NOTES.txt", "d/b.json"]);
        let mut text = String::new();
        for at in 0..=random.below(2) {
            if at > 0 || random.chance(20) {
                text.push_str(random.pick(&["---\n", "\n---\n\n", "--- \n", "---\n---\n"]));
            }
            text.push_str(&document(random, file));
        }
        push(format!("{folder}/templates/{name}"), text);
    }
    if random.chance(15) {
        push(
            format!("{folder}/crds/x.yaml"),
            "kind: CustomResourceDefinition\n# {{ raw }}\n".to_owned(),
        );
    }
    if random.chance(15) {
        push(format!("{folder}/conf/f.txt"), "one\ntwo\n".to_owned());
    }
    if random.chance(10) {
        push(format!("{folder}/.helmignore"), "*.json\nconf/\n".to_owned());
    }
    for child in children {
        chart(random, &format!("{folder}/charts/{child}"), child, depth + 1, files);
    }
}

fn values(random: &mut Random, depth: usize, root: bool) -> String {
    let indent = "  ".repeat(depth);
    let mut text = String::new();
    let mut seen: Vec<&str> = Vec::new();
    if depth == 0 && random.chance(40) {
        text.push_str(random.pick(&[
            "global: {a: 1, on: true}\n",
            "global: {a: {b: {c: 1}}}\n",
            "global: {a: null, n: {}}\n",
            "global: null\n",
            "global: {a: {b: {d: 2}, e: [1]}}\n",
        ]));
    }
    if depth == 0 && root && random.chance(20) {
        text.push_str(random.pick(&["tags: {one: false}\n", "tags: {one: true, two: false}\n"]));
    }
    if depth == 0 && random.chance(15) {
        text.push_str("exports: {data: {b: {k: 1}, e: 2}}\n");
    }
    for _ in 0..=random.below(5) {
        let key = random.pick(&KEYS);
        if seen.contains(&key) {
            continue;
        }
        seen.push(key);
        if depth == 0 && root && random.chance(30) {
            let child = random.pick(&["s", "t", "sx", "t-y", "l"]);
            if !seen.contains(&child) {
                seen.push(child);
                let inner = values(random, 1, false);
                text.push_str(&format!("{child}:\n{inner}"));
            }
        }
        let shown = if key == "on" || key == "n" { format!("\"{key}\"") } else { key.to_owned() };
        match random.below(10) {
            0..=3 if depth < 3 => {
                let inner = values(random, depth + 1, false);
                text.push_str(&format!("{indent}{shown}:\n{inner}"));
            }
            4 => text.push_str(&format!("{indent}{shown}: |\n{indent}  block\n{indent}    more\n")),
            5 => text.push_str(&format!(
                "{indent}{shown}:\n{indent}- {}\n{indent}- {}\n",
                random.pick(&SCALARS),
                random.pick(&SCALARS)
            )),
            _ => text.push_str(&format!("{indent}{shown}: {}\n", random.pick(&SCALARS))),
        }
    }
    text
}

fn schema(random: &mut Random) -> String {
    let draft = random.pick(&["", "\"$schema\": \"http://json-schema.org/draft-07/schema#\", "]);
    let of = |random: &mut Random| {
        random
            .pick(&[
                "{\"type\": \"string\"}",
                "{\"type\": [\"number\", \"null\"]}",
                "{\"minimum\": 1}",
                "{\"enum\": [1, \"x\", null]}",
                "{\"anyOf\": [{\"type\": \"object\"}, {\"type\": \"array\"}]}",
                "{\"$ref\": \"#/properties/a\"}",
                "{\"not\": {\"type\": \"boolean\"}}",
                "{\"additionalProperties\": {\"type\": \"string\"}}",
                "true",
            ])
            .to_owned()
    };
    let (b, c, image) = (of(random), of(random), of(random));
    format!(
        "{{{draft}\"properties\": {{\"a\": {{\"type\": [\"string\", \"number\", \"object\"]}}, \"b\": {b}, \"c\": {c}, \"image\": {image}}}}}"
    )
}

fn document(random: &mut Random, file: usize) -> String {
    let kind = random.pick(&KINDS);
    let mut text = format!("apiVersion: v1\nkind: {kind}\nmetadata:\n  name: n{file}\n");
    if random.chance(20) {
        let hook = random.pick(&[
            "pre-install",
            "test",
            "post-upgrade,pre-delete",
            "nope",
            "\"test-success\"",
        ]);
        text.push_str(&format!("  annotations:\n    \"helm.sh/hook\": {hook}\n"));
    }
    if random.chance(30) {
        text.push_str("  labels:\n    {{- include \"h.one\" . | nindent 4 }}\n");
    }
    text.push_str("data:\n");
    for _ in 0..=random.below(4) {
        text.push_str(&line(random, 0));
    }
    text
}

fn body(random: &mut Random, lines: usize) -> String {
    (0..lines).map(|_| line(random, 1)).collect()
}

fn expression(random: &mut Random) -> String {
    let path = if random.chance(3) { random.pick(&RISKY) } else { random.pick(&PATHS) };
    let mut text = match random.below(12) {
        0 => format!("({path} | default dict)"),
        1 => "(dict \"a\" 1 \"b\" (list 1 2))".to_owned(),
        2 => "(list 1 \"x\" nil)".to_owned(),
        3 => "(index .Values \"a\")".to_owned(),
        4 => "\"text\"".to_owned(),
        5 => random.pick(&["5", "1.5", "true", "`raw`", "'c'"]).to_owned(),
        6 => "(get .Values \"a\")".to_owned(),
        7 => "(pick .Values \"a\" \"b\")".to_owned(),
        _ => path.to_owned(),
    };
    for _ in 0..random.below(3) {
        text.push_str(" | ");
        if random.chance(60) {
            text.push_str(random.pick(&PIPES));
        } else {
            text.push_str("toString | ");
            text.push_str(random.pick(&TEXT_PIPES));
        }
    }
    text
}

fn line(random: &mut Random, depth: usize) -> String {
    let key = random.pick(&["k", "l", "m", "p", "q"]);
    let number = random.below(90);
    let left = random.pick(&["{{", "{{", "{{", "{{-"]);
    let right = random.pick(&["}}", "}}", "}}", "-}}"]);
    match random.below(16) {
        0 if depth < 3 => format!(
            "  {{{{- if {} }}}}\n{}  {{{{- else }}}}\n{}  {{{{- end }}}}\n",
            expression(random),
            line(random, depth + 1),
            line(random, depth + 1)
        ),
        1 if depth < 3 => format!(
            "  {{{{- range $k, $v := {} }}}}\n  r{{{{ $k }}}}: {{{{ $v | toJson }}}}\n  {{{{- end }}}}\n",
            random.pick(&[
                "(pick .Values \"a\" \"t\")",
                "(list 1 \"x\")",
                "(.Values.labels | default dict | toString | list)",
                "(until 3)",
                ".Values",
                "(dict)"
            ])
        ),
        2 if depth < 3 => format!(
            "  {{{{- with {} }}}}\n  w{number}: {{{{ . | toJson }}}}\n  {{{{- end }}}}\n",
            expression(random)
        ),
        3 if depth == 0 => {
            format!(
                "  {key}{number}: {{{{ include \"{}\" . | quote }}}}\n",
                random.pick(&["h.one", "h.two"])
            )
        }
        4 => format!(
            "  {key}{number}: {{{{ tpl {} $ | quote }}}}\n",
            random.pick(&["\"{{ .Release.Name }}\"", "(.Values.b | toString)", "\"plain\""])
        ),
        5 => format!(
            "  {{{{- $x := {} }}}}\n  {key}{number}: {{{{ $x | toJson }}}}\n",
            expression(random)
        ),
        6 => format!("  {{{{- /* note */ -}}}}\n  {key}{number}: x\n"),
        7 => format!(
            "  {{{{- $_ := set $.Values \"{key}\" ({} | toJson) }}}}\n  {key}{number}: 1\n",
            expression(random)
        ),
        8 => format!(
            "  {key}{number}: {{{{ merge (dict \"z\" 1) (pick .Values \"labels\" \"t\") | toJson }}}}\n"
        ),
        9 => format!(
            "  {key}{number}: {{{{ .Files.Get \"conf/f.txt\" | toJson }}}} # {{{{ .Template.Name }}}}\n"
        ),
        10 => format!("  {key}{number}:\n{{{{ toYaml .Values | indent 4 }}}}\n"),
        11 => format!("  {key}{number}: {left} {} {right}\n", expression(random)),
        _ => format!("  {key}{number}: {{{{ {} | toJson }}}}\n", expression(random)),
    }
}
