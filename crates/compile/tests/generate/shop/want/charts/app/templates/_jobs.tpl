{{- define "app.cronJob" }}
{{- $cronJob := .workload.cronJob | default dict }}
{{- if not $cronJob.schedule }}
{{- fail (printf "services.%s: a cronjob needs cronJob.schedule" .workload.name) }}
{{- end }}
---
apiVersion: batch/v1
kind: CronJob
metadata:
  {{- include "app.metadata" . | nindent 2 }}
spec:
  schedule: {{ $cronJob.schedule | quote }}
  timeZone: {{ $cronJob.timeZone | default "Etc/UTC" | quote }}
  concurrencyPolicy: {{ $cronJob.concurrencyPolicy | default "Forbid" }}
  {{- if $cronJob.suspend }}
  suspend: true
  {{- end }}
  startingDeadlineSeconds: {{ dig "startingDeadlineSeconds" 300 $cronJob | int64 }}
  successfulJobsHistoryLimit: {{ dig "successfulJobsHistoryLimit" 1 $cronJob | int64 }}
  failedJobsHistoryLimit: {{ dig "failedJobsHistoryLimit" 3 $cronJob | int64 }}
  jobTemplate:
    spec:
      {{- include "app.jobSpec" . | nindent 6 }}
{{- end }}

{{- /*
A Job cannot be changed once it is there, so its name ends with a hash of its pods: a new image makes a new Job,
which runs once, and Argo CD removes the old one.
It is no hook, because hooks run again on every sync of any workload,
and has no time to live, because Argo CD would run a Job again that removed itself.
*/ -}}
{{- define "app.job" }}
{{- $template := include "app.podTemplate" . }}
{{- $name := printf "%s-%s" .workload.name (sha256sum $template | trunc 8) }}
---
apiVersion: batch/v1
kind: Job
metadata:
  {{- include "app.metadata" (dict "root" .root "workload" .workload "name" $name) | nindent 2 }}
spec:
  {{- include "app.jobSpec" . | nindent 2 }}
{{- end }}

{{- define "app.jobSpec" -}}
{{- $job := .workload.job | default dict -}}
backoffLimit: {{ dig "backoffLimit" 3 $job | int64 }}
{{- with $job.activeDeadlineSeconds }}
activeDeadlineSeconds: {{ int64 . }}
{{- end }}
template:
  {{- include "app.podTemplate" . | nindent 2 }}
{{- end }}
