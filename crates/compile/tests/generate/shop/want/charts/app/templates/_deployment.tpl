{{- define "app.deployment" }}
{{- $workload := .workload }}
---
apiVersion: apps/v1
kind: Deployment
metadata:
  {{- include "app.metadata" . | nindent 2 }}
spec:
  {{- if not $workload.autoscaling }}
  replicas: {{ dig "replicas" 1 $workload | int64 }}
  {{- end }}
  # Older versions come back from Git.
  revisionHistoryLimit: 2
  selector:
    matchLabels:
      {{- include "app.selectorLabels" . | nindent 6 }}
  strategy:
    {{- if include "app.isExclusive" $workload }}
    # What it holds cannot be had twice: the old pod goes before the new one comes.
    type: Recreate
    {{- else }}
    type: RollingUpdate
    rollingUpdate:
      maxSurge: 1
      maxUnavailable: 0
    {{- end }}
  template:
    {{- include "app.podTemplate" . | nindent 4 }}
{{- end }}

{{- /* "true" for a GPU, which is seldom free beside the one in use, and a volume that is mounted once at a time. */ -}}
{{- define "app.isExclusive" -}}
{{- $exclusive := ternary "true" "" (gt (int64 .gpu) 0) }}
{{- range .volumes }}
{{- if and (ne (.type | default "persistent") "emptyDir") (hasPrefix "ReadWriteOnce" (.accessMode | default "ReadWriteOnce")) }}
{{- $exclusive = "true" }}
{{- end }}
{{- end }}
{{- $exclusive }}
{{- end }}
