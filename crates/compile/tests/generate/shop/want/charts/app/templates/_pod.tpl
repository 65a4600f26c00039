{{- /* The pod of a workload of any type. */ -}}
{{- define "app.podTemplate" -}}
{{- $workload := .workload }}
{{- $relaxed := $workload.securityContext | default dict }}
{{- $isDeployment := eq ($workload.type | default "deployment") "deployment" -}}
metadata:
  labels:
    {{- include "app.podLabels" . | nindent 4 }}
  {{- with $workload.annotations }}
  annotations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  serviceAccountName: {{ $workload.name | toYaml }}
  automountServiceAccountToken: {{ include "app.automountToken" $workload }}
  enableServiceLinks: false
  {{- if not $isDeployment }}
  # A failed try stays as a pod of its own, with its log.
  restartPolicy: Never
  {{- end }}
  terminationGracePeriodSeconds: {{ dig "terminationGracePeriodSeconds" 30 $workload | int64 }}
  {{- with $workload.runtimeClassName | default (ternary "nvidia" "" (gt (int64 $workload.gpu) 0)) }}
  runtimeClassName: {{ . | toYaml }}
  {{- end }}
  securityContext:
    runAsNonRoot: {{ dig "runAsNonRoot" true $relaxed }}
    {{- range $key := list "runAsUser" "runAsGroup" "fsGroup" }}
    {{- if hasKey $relaxed $key }}
    {{ $key }}: {{ get $relaxed $key | int64 }}
    {{- end }}
    {{- end }}
    {{- if hasKey $relaxed "fsGroup" }}
    fsGroupChangePolicy: OnRootMismatch
    {{- end }}
    seccompProfile:
      type: {{ $relaxed.seccompProfile | default "RuntimeDefault" }}
  containers:
    - {{ include "app.container" . | nindent 6 | trim }}
  {{- with include "app.volumes" . | trim }}
  volumes:
    {{- . | nindent 4 }}
  {{- end }}
  {{- with include "app.scheduling" . | trim }}
  {{- . | nindent 2 }}
  {{- end }}
{{- end }}

{{- define "app.automountToken" -}}
{{ dig "serviceAccount" "automountToken" (not (empty .rbac)) . }}
{{- end }}
