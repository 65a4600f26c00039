{{- /* The one namespace of everything. */ -}}
{{- define "app.namespace" -}}
{{ .Values.app.namespace | default .Release.Namespace | toYaml }}
{{- end }}

{{- /* The same for all workloads of an environment, also where two releases make them. */ -}}
{{- define "app.instance" -}}
{{ .Values.app.instance | default .Release.Name | toYaml }}
{{- end }}

{{- /* What a Deployment selects its pods by. Selectors cannot be changed later: nothing that varies belongs here. */ -}}
{{- define "app.selectorLabels" -}}
app.kubernetes.io/name: {{ .workload.name | toYaml }}
app.kubernetes.io/instance: {{ include "app.instance" .root }}
{{- end }}

{{- /* Labels of pods. The chart's version is not among them, or every change of the chart would restart every pod. */ -}}
{{- define "app.podLabels" -}}
{{ include "app.selectorLabels" . }}
app.kubernetes.io/part-of: {{ .root.Values.app.name | toYaml }}
{{- with include "app.version" .workload }}
app.kubernetes.io/version: {{ . | quote }}
{{- end }}
{{- with .workload.labels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- /* Labels of objects that belong to no single workload. */ -}}
{{- define "app.commonLabels" -}}
app.kubernetes.io/name: {{ .Values.app.name | toYaml }}
app.kubernetes.io/instance: {{ include "app.instance" . }}
app.kubernetes.io/part-of: {{ .Values.app.name | toYaml }}
{{ include "app.managedBy" . }}
{{- end }}

{{- /* Without the build that Flux appends to a version: every commit would touch every object. */ -}}
{{- define "app.managedBy" -}}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name (splitList "+" .Chart.Version | first) }}
{{- end }}

{{- /* The image's tag, or the beginning of its digest, as a label may hold it. */ -}}
{{- define "app.version" -}}
{{- $version := .image.tag | default (.image.digest | default "" | trimPrefix "sha256:" | trunc 12) -}}
{{ regexReplaceAll "[^A-Za-z0-9_.-]" $version "-" | trunc 63 | trimAll "-_." }}
{{- end }}

{{- /* name, namespace, labels and annotations of an object of a workload; `name` and `annotations` are optional. */ -}}
{{- define "app.metadata" -}}
{{- $annotations := .annotations | default dict }}
{{- if dig "job" "beforeDeployments" false .workload }}
{{- /* All that the job needs comes with it, one wave before the deployments. */}}
{{- $annotations = merge (dict "argocd.argoproj.io/sync-wave" "-1") $annotations }}
{{- end -}}
name: {{ .name | default .workload.name | toYaml }}
namespace: {{ include "app.namespace" .root }}
labels:
  {{- include "app.podLabels" . | nindent 2 }}
  {{- include "app.managedBy" .root | nindent 2 }}
{{- with $annotations }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}
