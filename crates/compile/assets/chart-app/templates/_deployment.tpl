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
    {{- if include "app.hasExclusiveVolume" $workload }}
    # Its volume can be mounted once only: the old pod goes before the new one comes.
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

{{- /* "true" where a persistent volume can be mounted by one node or pod at a time. */ -}}
{{- define "app.hasExclusiveVolume" -}}
{{- $exclusive := "" }}
{{- range .volumes }}
{{- if and (ne (.type | default "persistent") "emptyDir") (hasPrefix "ReadWriteOnce" (.accessMode | default "ReadWriteOnce")) }}
{{- $exclusive = "true" }}
{{- end }}
{{- end }}
{{- $exclusive }}
{{- end }}
