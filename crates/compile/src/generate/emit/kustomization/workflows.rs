//! `.github/workflows/ci.yml` tests, builds and pushes; `cd.yml` writes the new tag into the overlays
//! of the branch.

use crate::generate::emit::install;
use crate::generate::write::{List, Map, document};
use crate::generate::{Context, Files};
use crate::model::{Build, Kustomization, ToolingUse};

use super::{delivery, login};

const RUNNER: &str = "ubuntu-24.04";

/// The tag of the commit that an image is built from: of a pull request its head, which is what
/// previews ask for, and not the merge commit that the workflow runs on.
const TAG: &str =
    "sha=\"${HEAD:-$GITHUB_SHA}\"\necho \"tag=sha-${sha:0:8}\" >> \"$GITHUB_OUTPUT\"\n";

pub(super) fn emit(context: &Context<'_>, app: &Kustomization, files: &mut Files<'_>) {
    let Some(build) = &app.build else { return };
    files.generated(
        ".github/workflows/ci.yml",
        document(
            match delivery::preview(context) {
                Some(_) => {
                    "Tests every push and pull request; builds and pushes the image of what was pushed, and of\n\
                     pull requests that ask for a preview."
                }
                None => {
                    "Tests every push and pull request; builds and pushes the image of what was pushed."
                }
            },
            &ci(context, app, build),
        ),
    );
    files.generated(
        ".github/workflows/cd.yml",
        document(
            "Writes the image that ci.yml has pushed into the overlays of its branch. Argo CD does the rest.",
            &cd(context, app),
        ),
    );
    files.generated(".github/zizmor.yml", crate::generate::emit::workflow::zizmor());
}

fn branches(app: &Kustomization) -> List {
    app.promotions.iter().map(|promotion| promotion.branch.as_str()).collect()
}

fn ci(context: &Context<'_>, app: &Kustomization, build: &Build) -> Map {
    let mut on = Map::new().put("push", Map::new().put("branches", branches(app)));
    let mut wanted = "github.event_name == 'push'".to_owned();
    if let Some((_, label)) = delivery::preview(context) {
        let types = ["opened", "synchronize", "reopened", "labeled"].into_iter().collect::<List>();
        on = on
            .note("`labeled`: a preview is wanted from then on.")
            .put("pull_request", Map::new().put("types", types));
        // A fork's pull request cannot push an image.
        wanted = format!(
            "github.event_name == 'push' || (contains(github.event.pull_request.labels.*.name, '{}') && \
             github.event.pull_request.head.repo.full_name == github.repository)",
            label.replace('\'', "''")
        );
    } else {
        on = on.put("pull_request", Map::new());
    }
    let mut steps = List::new().item(checkout(context));
    if !build.setup.is_empty() {
        steps = steps.item(step("Set up", &lines(&build.setup)));
    }
    for test in &build.tests {
        steps = steps.item(step(test, test));
    }
    steps = steps.item(step("Every overlay renders", "scripts/validate.sh"));
    let test = Map::new()
        .put("runs-on", RUNNER)
        .put("timeout-minutes", 20)
        .put("permissions", Map::new().put("contents", "read"))
        .put("steps", steps);
    let mut rights = Map::new().put("contents", "read");
    if login::is_github(app) {
        rights = rights.put("packages", "write");
    }
    let image = Map::new()
        .put("needs", List::new().item("test"))
        .put("if", wanted)
        .put("runs-on", RUNNER)
        .put("timeout-minutes", 30)
        .put("permissions", rights)
        .put("steps", image_steps(context, app, build));
    Map::new()
        .put("name", "ci")
        .put("on", on)
        .gap()
        .put(
            "concurrency",
            Map::new().put("group", "ci-${{ github.ref }}").put("cancel-in-progress", true),
        )
        .gap()
        .note("Each job asks for what it needs.")
        .put("permissions", Map::new())
        .gap()
        .put("jobs", Map::new().put("test", test).gap().put("image", image))
}

fn image_steps(context: &Context<'_>, app: &Kustomization, build: &Build) -> List {
    let variables =
        Map::new().put("IMAGE", app.image.as_str()).put("TAG", "${{ steps.tag.outputs.tag }}");
    let tag = Map::new()
        .put("id", "tag")
        .put("name", "Name the image after its commit")
        .put("env", Map::new().put("HEAD", "${{ github.event.pull_request.head.sha }}"))
        .put("run", TAG);
    let checkout = Map::new().put("uses", context.catalog.action("actions/checkout")).put(
        "with",
        Map::new()
            .put("ref", "${{ github.event.pull_request.head.sha || github.sha }}")
            .put("persist-credentials", false),
    );
    let context_folder = &build.context;
    let steps = List::new().item(checkout).item(tag).item(login::step(app));
    if build.platforms.is_empty() {
        return steps.item(
            step(
                "Build and push",
                &format!(
                    "docker build --tag \"$IMAGE:$TAG\" {context_folder}\ndocker push \"$IMAGE:$TAG\"\n"
                ),
            )
            .put("env", variables),
        );
    }
    let platforms = build.platforms.join(",");
    steps
        .note("Other processors than the runner's are emulated.")
        .item(step(
            "Prepare the builder",
            "docker run --privileged --rm tonistiigi/binfmt --install all\ndocker buildx create --use\n",
        ))
        .item(
            step(
                "Build and push",
                &format!(
                    "docker buildx build --platform {platforms} --tag \"$IMAGE:$TAG\" --push {context_folder}"
                ),
            )
            .put("env", variables),
        )
}

fn cd(context: &Context<'_>, app: &Kustomization) -> Map {
    let on = Map::new()
        .note("zizmor: ignore[dangerous-triggers] -- runs for pushes to these branches only, see `if`")
        .put(
            "workflow_run",
            Map::new()
                .put("workflows", List::new().item("ci"))
                .put("types", List::new().item("completed"))
                .put("branches", branches(app)),
        );
    let checkout = Map::new().put("uses", context.catalog.action("actions/checkout")).put(
        "with",
        Map::new()
            .note("By default it would be the default branch.")
            .put("ref", "${{ github.event.workflow_run.head_branch }}")
            .note("The last step pushes with them.")
            .put("persist-credentials", true),
    );
    let mut steps = List::new().note("zizmor: ignore[artipacked]").item(checkout);
    let mainstay = uses_mainstay(context);
    if mainstay {
        steps = install::steps(context, install::SCRIPT, str::to_owned, steps);
    }
    let variables = Map::new()
        .put("BRANCH", "${{ github.event.workflow_run.head_branch }}")
        .put("SHA", "${{ github.event.workflow_run.head_sha }}");
    steps = steps.item(step("Write the tag", &write(app, mainstay)).put("env", variables));
    let job = Map::new()
        .put(
            "if",
            "github.event.workflow_run.conclusion == 'success' && github.event.workflow_run.event == 'push'",
        )
        .put("runs-on", RUNNER)
        .put("timeout-minutes", 10)
        .put("permissions", Map::new().put("contents", "write"))
        .put("steps", steps);
    Map::new()
        .put("name", "cd")
        .put("on", on)
        .gap()
        .note("One after the other: two at once would push over each other.")
        .put(
            "concurrency",
            Map::new()
                .put("group", "cd-${{ github.event.workflow_run.head_branch }}")
                .put("cancel-in-progress", false),
        )
        .gap()
        .put("permissions", Map::new())
        .gap()
        .put("jobs", Map::new().put("promote", job))
}

/// Whether the workflows call mainstay: only where the spec asks for it in so many words.
fn uses_mainstay(context: &Context<'_>) -> bool {
    let asked = context.platform.origin.has("spec.tooling.install");
    asked && context.platform.tooling.calls == ToolingUse::Mainstay
}

/// The script that promotes: all environments of the branch in one commit.
fn write(app: &Kustomization, mainstay: bool) -> String {
    let mut script = "tag=\"sha-${SHA:0:8}\"\ncase \"$BRANCH\" in\n".to_owned();
    for promotion in &app.promotions {
        script.push_str(&format!(
            "  {}) environments=({}) ;;\n",
            promotion.branch,
            promotion.environments.join(" ")
        ));
    }
    script.push_str("  *) echo \"no environment follows $BRANCH\" >&2; exit 1 ;;\nesac\n");
    let overlay = app.overlay("$environment");
    script.push_str(&format!(
        "written=()\nfor environment in \"${{environments[@]}}\"; do\n  file=\"{overlay}/kustomization.yaml\"\n\
         \x20 if [ ! -e \"$file\" ]; then\n\
         \x20   # This file is the default branch's, the overlays are those of the branch that was pushed.\n\
         \x20   echo \"::warning::$environment is left out: $file is not on $BRANCH yet; merge the change that added it\"\n\
         \x20   continue\n\
         \x20 fi\n"
    ));
    script.push_str(&if mainstay {
        format!("  mainstay set \"$file\" 'images[name={}].newTag' \"$tag\"\n", app.name)
    } else {
        format!(
            "  tag=\"$tag\" yq --inplace '(.images[] | select(.name == \"{}\") | .newTag) = strenv(tag)' \"$file\"\n",
            app.name
        )
    });
    let names = "$(IFS=/; echo \"${written[*]}\")";
    let message = app.message.replace("{{envs}}", names).replace("{{tag}}", "$tag");
    script.push_str(&format!(
        "  git add \"$file\"\n  written+=(\"$environment\")\ndone\n\
         [ ${{#written[@]}} -gt 0 ] || {{ echo \"no overlay of these is on $BRANCH\" >&2; exit 1; }}\n\
         git diff --cached --quiet && {{ echo \"$tag runs already\"; exit 0; }}\n\
         git config user.name 'github-actions[bot]'\n\
         git config user.email '41898282+github-actions[bot]@users.noreply.github.com'\n\
         git commit --message \"{message}\"\n\
         # Somebody may have pushed meanwhile.\n\
         for attempt in 1 2 3; do\n\
         \x20 git push origin \"HEAD:$BRANCH\" && exit 0\n\
         \x20 echo \"push $attempt was refused; trying on top of what is there now\"\n\
         \x20 git pull --rebase origin \"$BRANCH\"\n\
         done\n\
         exit 1\n"
    ));
    script
}

fn checkout(context: &Context<'_>) -> Map {
    Map::new()
        .put("uses", context.catalog.action("actions/checkout"))
        .put("with", Map::new().put("persist-credentials", false))
}

fn step(name: &str, run: &str) -> Map {
    Map::new().put("name", name).put("run", run)
}

fn lines(commands: &[String]) -> String {
    commands.iter().map(|command| format!("{command}\n")).collect()
}
