//! Random trees: a top with bases and components, and every field of a kustomization.
//!
//! Replacements and variables are in `values`, settings and objects that configure in `plugins`, charts in `charts`.

use serde_json::{Map, Value, json};

use super::objects::{self, Known, NAMESPACES, labels, name};
use super::tree::{File, INLINE, Tree};
use crate::random::Random;

/// Makes the tree of a seed.
pub(crate) fn tree(seed: u64) -> Tree {
    let mut maker = Maker { random: Random::new(seed), tree: Tree::default(), vars: 0 };
    // The first numbers of neighbouring seeds are alike in a few bits.
    maker.random.below(2);
    maker.tree.in_blocks = maker.random.chance(50);
    maker.folder("top", 0, false);
    maker.tree
}

pub(super) struct Maker {
    pub(super) random: Random,
    pub(super) tree: Tree,
    pub(super) vars: usize,
}

pub(super) type Fields = Map<String, Value>;

impl Maker {
    /// Makes a kustomization, and returns what objects it has.
    fn folder(&mut self, folder: &str, depth: usize, component: bool) -> Vec<Known> {
        let mut fields = Fields::new();
        let mut known: Vec<Known> = Vec::new();
        if component {
            fields.insert("apiVersion".into(), json!("kustomize.config.k8s.io/v1alpha1"));
            fields.insert("kind".into(), json!("Component"));
        }
        let mut resources = Vec::new();
        let bases = if depth < 2 { [0, 0, 1, 1, 1, 2][self.random.below(6)] } else { 0 };
        for number in 0..bases {
            let base = format!("{}-{number}", folder.trim_start_matches("../"));
            let more = self.folder(&base, depth + 1, false);
            known.extend(more);
            resources.push(json!(format!("../{base}")));
        }
        let files = if bases == 0 { 1 + self.random.below(2) } else { self.random.below(2) };
        for number in 0..files {
            let count = 1 + self.random.below(3);
            let documents = self.documents(count, &mut known);
            if !documents.is_empty() {
                let file = format!("file-{number}.yaml");
                self.tree.files.insert(format!("{folder}/{file}"), File::Documents(documents));
                resources.push(json!(file));
            }
        }
        if resources.len() > 1 && self.random.chance(20) {
            resources.reverse();
        }
        if bases > 0 && self.random.chance(8) {
            let (bases, files): (Vec<Value>, Vec<Value>) =
                resources.into_iter().partition(|it| it.as_str().unwrap_or("").starts_with(".."));
            fields.insert("bases".into(), json!(bases));
            resources = files;
        }
        if !resources.is_empty() {
            fields.insert("resources".into(), json!(resources));
        }
        if depth < 2 && self.random.chance(12) {
            let component = format!("{folder}-part");
            let more = self.folder(&component, 2, true);
            known.extend(more);
            let mut components = vec![format!("../{component}")];
            if self.random.chance(25) {
                let component = format!("{component}-2");
                let more = self.folder(&component, 2, true);
                known.extend(more);
                components.push(format!("../{component}"));
            }
            fields.insert("components".into(), json!(components));
        }
        self.generators(folder, &mut fields, &mut known);
        self.charts(folder, &mut fields, &mut known);
        self.patches(folder, &mut fields, &known);
        self.plain(&mut fields, &known);
        self.replacements(folder, &mut fields, &known);
        self.settings(folder, &mut fields);
        self.plugins(folder, &mut fields, &known);
        if depth == 0 {
            self.outermost(&mut fields);
        }
        if fields.is_empty() {
            fields.insert("namePrefix".into(), json!("only-"));
        }
        let document = Value::Object(fields);
        let path = format!("{folder}/kustomization.yaml");
        self.tree.files.insert(path, File::Documents(vec![document]));
        known
    }

    fn documents(&mut self, count: usize, known: &mut Vec<Known>) -> Vec<Value> {
        let mut documents = Vec::new();
        for _ in 0..count {
            let (object, who) = objects::object(&mut self.random);
            let space = |it: &Known| it.namespace.clone().unwrap_or_else(|| "default".to_owned());
            let twice = known
                .iter()
                .any(|it| it.kind == who.kind && it.name == who.name && space(it) == space(&who));
            if twice && !self.random.chance(3) {
                continue;
            }
            known.push(who);
            documents.push(object);
        }
        if documents.len() > 1 && self.random.chance(8) {
            let items = std::mem::take(&mut documents);
            documents.push(json!({"apiVersion": "v1", "kind": "List", "items": items}));
        }
        documents
    }

    pub(super) fn one<'k>(&mut self, known: &'k [Known]) -> Option<&'k Known> {
        (!known.is_empty()).then(|| self.random.pick(known))
    }

    pub(super) fn text(&mut self, folder: &str, file: &str, text: &str) {
        self.tree.files.insert(format!("{folder}/{file}"), File::Text(text.to_owned()));
    }

    /// Adds a file with one document, and returns its name.
    pub(super) fn file(&mut self, folder: &str, name: &str, document: Value) -> Value {
        self.tree.files.insert(format!("{folder}/{name}"), File::Documents(vec![document]));
        json!(name)
    }

    fn generators(&mut self, folder: &str, fields: &mut Fields, known: &mut Vec<Known>) {
        for (field, kind) in [("configMapGenerator", "ConfigMap"), ("secretGenerator", "Secret")] {
            if !self.random.chance(18) {
                continue;
            }
            let mut list = Vec::new();
            for _ in 0..1 + self.random.below(2) {
                list.push(self.generator(folder, kind, known));
            }
            fields.insert(field.into(), json!(list));
        }
        if self.random.chance(10) {
            let options = self.options();
            fields.insert("generatorOptions".into(), options);
        }
    }

    fn options(&mut self) -> Value {
        let mut options = Map::new();
        if self.random.chance(40) {
            options.insert("disableNameSuffixHash".into(), json!(self.random.chance(70)));
        }
        if self.random.chance(40) {
            options.insert("labels".into(), labels(&mut self.random));
        }
        if self.random.chance(40) {
            options.insert("annotations".into(), labels(&mut self.random));
        }
        if self.random.chance(20) {
            options.insert("immutable".into(), json!(true));
        }
        Value::Object(options)
    }

    pub(super) fn generator(&mut self, folder: &str, kind: &str, known: &mut Vec<Known>) -> Value {
        let mut map = Map::new();
        let old: Vec<Known> = known.iter().filter(|it| it.kind == kind).cloned().collect();
        let merge = !old.is_empty() && self.random.chance(50);
        let mut who = Known {
            api_version: "v1".to_owned(),
            kind: kind.to_owned(),
            name: name(&mut self.random).to_owned(),
            namespace: self.random.chance(15).then(|| "one".to_owned()),
        };
        if merge {
            who = self.random.pick(&old).clone();
            let behavior = *self.random.pick(&["merge", "merge", "replace"]);
            map.insert("behavior".into(), json!(behavior));
        } else {
            let space = |it: &Known| it.namespace.clone().unwrap_or_else(|| "default".to_owned());
            if old.iter().any(|it| it.name == who.name && space(it) == space(&who)) {
                who.name = format!("{}-{}", who.name, self.random.below(1000));
            }
            known.push(who.clone());
            if self.random.chance(8) {
                map.insert("behavior".into(), json!("create"));
            }
        }
        map.insert("name".into(), json!(who.name));
        if let Some(namespace) = &who.namespace {
            map.insert("namespace".into(), json!(namespace));
        }
        if self.random.chance(60) {
            let literals = [
                "a=1",
                "b=\"quoted\"",
                "c='single'",
                "d=x=y",
                "e=",
                "f= spaced ",
                "g=true",
                "n=multi\nline",
                "h=é",
                "i.j-k_l=0777",
                "long=a text that is so long that its base64 is broken into several lines of seventy",
            ];
            let mut chosen: Vec<&str> = Vec::new();
            for _ in 0..1 + self.random.below(3) {
                let literal = *self.random.pick(&literals);
                if !chosen.contains(&literal) {
                    chosen.push(literal);
                }
            }
            map.insert("literals".into(), json!(chosen));
        }
        if self.random.chance(30) {
            self.text(folder, "plain.txt", "first line\nsecond \"line\"\n\ttab\n");
            let entry = if self.random.chance(50) { "plain.txt" } else { "renamed=plain.txt" };
            map.insert("files".into(), json!([entry]));
        }
        if self.random.chance(25) {
            self.text(folder, "some.env", "# no\nENV_A=1\nENV_B=\"q\"\n\nENV_C\n  ENV_D= x \r\n");
            if self.random.chance(70) {
                map.insert("envs".into(), json!(["some.env"]));
            } else {
                map.insert("env".into(), json!("some.env"));
            }
        }
        if self.random.chance(25) {
            let options = self.options();
            map.insert("options".into(), options);
        }
        if kind == "Secret" && self.random.chance(30) {
            map.insert("type".into(), json!("kubernetes.io/basic-auth"));
        }
        Value::Object(map)
    }

    fn target(&mut self, known: &Known) -> Value {
        let mut target = Map::new();
        let (group, version) = known.group_version();
        if self.random.chance(70) {
            target.insert("kind".into(), json!(known.kind));
        }
        if self.random.chance(50) {
            let name = match self.random.below(5) {
                0 => ".*".to_owned(),
                1 => format!("{}.*", known.name.chars().next().unwrap_or('w')),
                2 => "web|api".to_owned(),
                _ => known.name.clone(),
            };
            target.insert("name".into(), json!(name));
        }
        if self.random.chance(10) {
            target.insert("group".into(), json!(group));
        }
        if self.random.chance(10) {
            target.insert("version".into(), json!(version));
        }
        if self.random.chance(10) {
            target.insert("namespace".into(), json!(self.random.pick(&NAMESPACES)));
        }
        if self.random.chance(12) {
            let selectors =
                ["app=a", "app", "!app", "app in (a, b)", "tier!=blue,app", "env notin (x-1)"];
            target.insert("labelSelector".into(), json!(self.random.pick(&selectors)));
        }
        if self.random.chance(8) {
            target.insert("annotationSelector".into(), json!("app"));
        }
        if target.is_empty() {
            target.insert("kind".into(), json!(known.kind));
        }
        Value::Object(target)
    }

    fn patches(&mut self, folder: &str, fields: &mut Fields, known: &[Known]) {
        if self.random.chance(40) {
            let mut list = Vec::new();
            for number in 0..1 + self.random.below(2) {
                let Some(who) = self.one(known).cloned() else { return };
                let mut entry = Map::new();
                let json_patch = self.random.chance(35);
                let targeted = json_patch || self.random.chance(35);
                let content = if json_patch {
                    objects::operations(&who, &mut self.random)
                } else {
                    let mut patch = objects::patch(&who, &mut self.random);
                    if targeted && self.random.chance(30) {
                        patch["metadata"]["name"] = json!("ignored");
                    }
                    patch
                };
                if self.random.chance(60) {
                    entry.insert("patch".into(), json!({INLINE: content}));
                } else {
                    let file = format!("patch-{number}.yaml");
                    let path = format!("{folder}/{file}");
                    let mut documents = vec![content];
                    if !json_patch
                        && self.random.chance(20)
                        && let Some(more) = self.one(known).cloned()
                    {
                        documents.push(objects::patch(&more, &mut self.random));
                    }
                    self.tree.files.insert(path, File::Documents(documents));
                    entry.insert("path".into(), json!(file));
                }
                if targeted {
                    let target = self.target(&who);
                    entry.insert("target".into(), target);
                }
                if self.random.chance(12) {
                    let options = json!({"allowNameChange": self.random.chance(60), "allowKindChange": self.random.chance(40)});
                    entry.insert("options".into(), options);
                }
                list.push(Value::Object(entry));
            }
            fields.insert("patches".into(), json!(list));
        }
        if self.random.chance(8)
            && let Some(who) = self.one(known).cloned()
        {
            let patch = objects::patch(&who, &mut self.random);
            let entry = match self.random.chance(40) {
                true => self.file(folder, "merge.yaml", patch),
                false => json!({INLINE: patch}),
            };
            fields.insert("patchesStrategicMerge".into(), json!([entry]));
        }
        if self.random.chance(8)
            && let Some(who) = self.one(known).cloned()
        {
            let (group, version) = who.group_version();
            let target =
                json!({"group": group, "version": version, "kind": who.kind, "name": who.name});
            let operations = objects::operations(&who, &mut self.random);
            let entry = match self.random.chance(40) {
                true => {
                    let path = self.file(folder, "operations.yaml", operations);
                    json!({"target": target, "path": path})
                }
                false => json!({"target": target, "patch": {INLINE: operations}}),
            };
            fields.insert("patchesJson6902".into(), json!([entry]));
        }
    }

    fn plain(&mut self, fields: &mut Fields, known: &[Known]) {
        let set = |fields: &mut Fields,
                   random: &mut Random,
                   percent,
                   key: &str,
                   value: &dyn Fn(&mut Random) -> Value| {
            if random.chance(percent) {
                let value = value(random);
                fields.insert(key.to_owned(), value);
            }
        };
        let random = &mut self.random;
        set(fields, random, 22, "namespace", &|random| {
            json!(*random.pick(&["one", "two", "apps"]))
        });
        set(fields, random, 22, "namePrefix", &|random| json!(*random.pick(&["dev-", "p-"])));
        set(fields, random, 15, "nameSuffix", &|random| json!(*random.pick(&["-v1", "-s"])));
        set(fields, random, 12, "commonLabels", &|random| labels(random));
        set(fields, random, 14, "commonAnnotations", &|random| labels(random));
        set(fields, random, 20, "labels", &|random| {
            let mut label = json!({"pairs": labels(random)});
            if random.chance(40) {
                label["includeSelectors"] = json!(random.chance(70));
            }
            if random.chance(40) {
                label["includeTemplates"] = json!(random.chance(70));
            }
            if random.chance(15) {
                label["fields"] =
                    json!([{"path": "spec/selector", "kind": "Widget", "create": true}]);
            }
            if random.chance(15) {
                return json!([label, {"pairs": labels(random)}]);
            }
            json!([label])
        });
        let image = |random: &mut Random| {
            let mut image = json!({"name": *random.pick(&["nginx", "app", "team/app", "registry.example.org:5000/team/app", "registry.example.org/app", "none"])});
            if random.chance(50) {
                image["newName"] =
                    json!(*random.pick(&["mirror/nginx", "app", "r.example.org:5000/x"]));
            }
            if random.chance(50) {
                image["newTag"] = json!(*random.pick(&["v2", "1.0"]));
            }
            if random.chance(20) {
                image["digest"] = json!(
                    "sha256:1111111111111111111111111111111111111111111111111111111111111111"
                );
            }
            if random.chance(10) {
                image["tagSuffix"] = json!("-alpine");
            }
            image
        };
        let images = |random: &mut Random| {
            json!((0..1 + random.below(5) / 4).map(|_| image(random)).collect::<Vec<_>>())
        };
        set(fields, random, 20, "images", &images);
        set(fields, random, 3, "imageTags", &images);
        if self.random.chance(15) {
            let scaled: Vec<&Known> = known
                .iter()
                .filter(|it| {
                    matches!(it.kind.as_str(), "Deployment" | "StatefulSet" | "ReplicaSet")
                })
                .collect();
            let name = match scaled.is_empty() {
                false => self.random.pick(&scaled).name.clone(),
                true if self.random.chance(20) => "web".to_owned(),
                true => return,
            };
            let count = self.random.below(9);
            let mut list = vec![json!({"name": name, "count": count})];
            if self.random.chance(20) && scaled.len() > 1 {
                let name = self.random.pick(&scaled).name.clone();
                list.push(json!({"name": name, "count": self.random.below(9)}));
            }
            fields.insert("replicas".into(), json!(list));
        }
    }
}
