//! What no template may do: overflow the stack, run without end, panic.

use gotmpl::{Engine, Map, MapType, Options, TemplateSet, Value};

fn render(source: &[u8], options: Options) -> Result<String, String> {
    let mut set = TemplateSet::new();
    set.add("t", source).map_err(|error| error.to_string())?;
    let data = Value::Map(Map::new(MapType::Any));
    let output = Engine::new(&set, options).render("t", &data);
    output
        .map(|output| String::from_utf8_lossy(&output).into_owned())
        .map_err(|error| error.to_string())
}

fn error(source: &str) -> String {
    render(source.as_bytes(), Options::default()).expect_err("this cannot be rendered")
}

#[test]
fn nesting_of_the_source_is_bounded() {
    for depth in [300, 100_000] {
        let sources = [
            "{{ ".to_owned() + &"(".repeat(depth) + "1" + &")".repeat(depth) + " }}",
            "{{ if 1 }}".repeat(depth) + &"{{ end }}".repeat(depth),
            "{{ if 0 }}".to_owned() + &"{{ else if 0 }}".repeat(depth) + "{{ end }}",
            "{{ with 0 }}".to_owned() + &"{{ else with 0 }}".repeat(depth) + "{{ end }}",
            "{{ range 1 }}".repeat(depth) + &"{{ end }}".repeat(depth),
            "{{ define \"a\" }}".repeat(depth),
            "{{ block \"a\" . }}".repeat(depth),
            "{{ (".repeat(depth),
        ];
        for source in sources {
            let _ = render(source.as_bytes(), Options::default());
        }
    }
}

#[test]
fn templates_call_each_other_as_deep_as_go_lets_them() {
    let text = error("{{ define \"a\" }}{{ template \"a\" . }}{{ end }}{{ template \"a\" . }}");
    assert!(text.ends_with("exceeded maximum template depth (100000)"), "{text}");
    let text = error("{{ define \"a\" }}{{ include \"a\" . }}{{ end }}{{ include \"a\" . }}");
    assert!(text.ends_with("nested reference name: a: unable to execute template"), "{text}");
}

#[test]
fn tpl_without_end_is_stopped() {
    let text = error(
        "{{ define \"a\" }}{{ tpl \"{{ include `a` . }}\" . }}{{ end }}{{ include \"a\" . }}",
    );
    assert!(text.contains("nested reference name: a"), "{}", text.len());
}

#[test]
fn fuel_ends_every_loop() {
    let options = Options { fuel: 100_000, ..Options::default() };
    for source in [
        "{{ range 1000000000000 }}{{ end }}",
        // Expressions that are short, and large once they are compiled.
        r"{{ range $i := until 1000 }}{{ regexMatch (printf `(\pL{100}){%d}` $i) `x` }}{{ end }}",
        r"{{ $r := repeat 400 `\pL` }}{{ range until 1000 }}{{ regexFind $r (repeat 500 `x`) }}{{ end }}",
        "{{ range 1000000000000 }}xxxxxxxxxxxxxxxxxxxxxx{{ end }}",
        "{{ range 1000000 }}{{ range 1000000 }}{{ break }}{{ end }}{{ end }}",
        "{{ define \"a\" }}{{ template \"a\" . }}{{ template \"a\" . }}{{ end }}{{ template \"a\" . }}",
        "{{ printf \"%1000000d\" 1 }}",
    ] {
        let text =
            render(source.as_bytes(), options.clone()).expect_err("there is not enough fuel");
        assert!(text.ends_with("out of fuel"), "{text}");
    }
}

#[test]
fn values_nested_without_end_are_refused() {
    let build = "{{ $d := dict }}{{ range 200000 }}{{ $d = dict \"a\" $d }}{{ end }}";
    for end in ["{{ $d }}", "{{ deepCopy $d | len }}", "{{ printf \"%v\" $d }}", "{{ eq $d $d }}"] {
        error(&format!("{build}{end}"));
    }
    let list = "{{ $d := list }}{{ range 200000 }}{{ $d = list $d }}{{ end }}";
    error(&format!("{list}{{{{ $d }}}}"));
    let cycle = "{{ $d := dict }}{{ $_ := set $d \"d\" $d }}";
    for end in ["{{ $d }}", "{{ (deepCopy $d).d | len }}"] {
        error(&format!("{cycle}{end}"));
    }
}

#[test]
fn pieces_of_templates_do_not_panic() {
    let pieces: &[&[u8]] = &[
        b"{{",
        b"}}",
        b"{{-",
        b"-}}",
        b" -}}",
        b"{{- ",
        b"/*",
        b"*/",
        b"\"",
        b"`",
        b"'",
        b"\\",
        b"$x",
        b"$",
        b".",
        b".a",
        b":=",
        b"=",
        b",",
        b"|",
        b"(",
        b")",
        b"1",
        b"0x",
        b"-",
        b"+",
        b"1.5e",
        b" ",
        b"\n",
        b"if",
        b"else",
        b"end",
        b"range",
        b"with",
        b"define",
        b"template",
        b"block",
        b"break",
        b"nil",
        b"true",
        b"printf",
        b"index",
        b"\xff",
        b"\xc3\xa9",
        b"\0",
        b"%d",
        b"i",
        b"_",
    ];
    let mut state: u64 = 1;
    for _ in 0..30_000 {
        let mut source = Vec::new();
        for _ in 0..12 {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            source.extend_from_slice(pieces[(state >> 33) as usize % pieces.len()]);
        }
        let options = Options { fuel: 10_000, ..Options::default() };
        let _ = render(&source, options);
    }
}

#[test]
fn a_deep_copy_shares_nothing_that_changes() {
    let source = "\
        {{ $a := dict \"m\" (dict \"x\" 1) \"l\" (list (dict \"y\" 1)) }}\
        {{ $m := $a.m }}{{ $b := deepCopy $a }}{{ $c := deepCopy $a }}{{ $d := deepCopy $b }}\
        {{ $_ := set $m \"x\" 2 }}{{ $_ := set (index $b.l 0) \"y\" 3 }}{{ $_ := set $c.m \"x\" 4 }}\
        {{ $e := deepCopy $a }}{{ $_ := unset $e.m \"x\" }}{{ $_ := set (index $e.l 0) \"y\" 5 }}\
        {{ $a }}{{ $b }}{{ $c }}{{ $d }}{{ $e }}";
    let want = "map[l:[map[y:1]] m:map[x:2]]map[l:[map[y:3]] m:map[x:1]]\
        map[l:[map[y:1]] m:map[x:4]]map[l:[map[y:1]] m:map[x:1]]map[l:[map[y:5]] m:map[]]";
    assert_eq!(render(source.as_bytes(), Options::default()).as_deref(), Ok(want));
}
