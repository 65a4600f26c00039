//! The pull request generator: open pull requests, given as a sample by `--pull-requests`.

use regex::Regex;
use yaml::Value;

use super::super::super::application::list;
use super::super::parameters::{Parameter, Parameters};
use super::{Stop, Work, add_values};
use crate::delivery::PullRequest;

pub(super) fn generate(work: &Work<'_, '_>, body: &Value) -> Result<Vec<Parameters>, Stop> {
    let Some(sample) = &work.context.input.cluster.pull_requests else {
        let reason = "`pullRequest` asks a forge: `--pull-requests FILE` gives a sample";
        return Err(Stop::Opaque(reason.to_owned()));
    };
    let filters = list(body, "filters")
        .iter()
        .map(Filter::read)
        .collect::<Result<Vec<_>, _>>()
        .map_err(Stop::Error)?;
    let wanted = labels(body);
    let mut all = Vec::new();
    for request in sample {
        let has_labels = wanted.iter().all(|label| request.labels.contains(label));
        let fits = filters.is_empty() || filters.iter().any(|filter| filter.matches(request));
        if !has_labels || !fits {
            continue;
        }
        let head = |length| request.head_sha.get(..length).unwrap_or(&request.head_sha).to_owned();
        let texts = [
            ("number", request.number.clone()),
            ("title", request.title.clone()),
            ("branch", request.branch.clone()),
            ("branch_slug", gotmpl::slug(&request.branch)),
            ("target_branch", request.target_branch.clone()),
            ("target_branch_slug", gotmpl::slug(&request.target_branch)),
            ("head_sha", request.head_sha.clone()),
            ("head_short_sha", head(8)),
            ("head_short_sha_7", head(7)),
            ("author", request.author.clone()),
        ];
        let mut parameters: Parameters =
            texts.into_iter().map(|(key, text)| (key.to_owned(), Parameter::Text(text))).collect();
        if work.templating.is_go() {
            parameters.insert("labels".to_owned(), Parameter::Texts(request.labels.clone()));
        }
        add_values(work, body, &mut parameters)?;
        all.push(parameters);
    }
    Ok(all)
}

/// The labels that the forge is asked for.
fn labels(body: &Value) -> Vec<String> {
    let forges = ["github", "gitlab", "gitea", "azuredevops"];
    let asked = forges.iter().filter_map(|forge| body.get(forge));
    asked.flat_map(|it| list(it, "labels")).filter_map(Value::to_go_string).collect()
}

struct Filter {
    branch: Option<Regex>,
    target: Option<Regex>,
    title: Option<Regex>,
}

impl Filter {
    fn read(value: &Value) -> Result<Filter, String> {
        let pattern = |field: &str| match value.get(field).and_then(Value::as_str) {
            None => Ok(None),
            Some(text) => Regex::new(text)
                .map(Some)
                .map_err(|_| format!("error compiling {field} regexp \"{text}\"")),
        };
        Ok(Filter {
            branch: pattern("branchMatch")?,
            target: pattern("targetBranchMatch")?,
            title: pattern("titleMatch")?,
        })
    }

    fn matches(&self, request: &PullRequest) -> bool {
        let fits = |pattern: &Option<Regex>, text: &str| {
            pattern.as_ref().is_none_or(|pattern| pattern.is_match(text))
        };
        fits(&self.branch, &request.branch)
            && fits(&self.target, &request.target_branch)
            && fits(&self.title, &request.title)
    }
}
