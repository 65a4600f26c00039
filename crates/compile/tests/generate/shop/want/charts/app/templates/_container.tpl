{{- /* The one container of a workload. */ -}}
{{- define "app.container" -}}
{{- $workload := .workload }}
{{- $relaxed := $workload.securityContext | default dict }}
{{- $isDeployment := eq ($workload.type | default "deployment") "deployment" }}
{{- $sleep := min (dig "preStopSleepSeconds" 5 $workload) (dig "terminationGracePeriodSeconds" 30 $workload) -}}
name: {{ $workload.name | toYaml }}
image: {{ include "app.image" $workload.image | toYaml }}
imagePullPolicy: {{ $workload.image.pullPolicy | default "IfNotPresent" }}
{{- with $workload.command }}
command:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $workload.args }}
args:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $workload.workingDir }}
workingDir: {{ . | toYaml }}
{{- end }}
{{- with $workload.ports }}
ports:
  {{- range . }}
  - name: {{ .name | toYaml }}
    containerPort: {{ int64 .containerPort }}
    protocol: {{ .protocol | default "TCP" }}
  {{- end }}
{{- end }}
{{- with include "app.environment" . | trim }}
env:
  {{- . | nindent 2 }}
{{- end }}
{{- include "app.probes" . }}
{{- if and $isDeployment $workload.ports (gt $sleep 0) }}
lifecycle:
  preStop:
    # Requests still arrive until every proxy knows that this pod is going.
    sleep:
      seconds: {{ $sleep }}
{{- end }}
{{- with include "app.resources" . }}
resources:
  {{- . | nindent 2 }}
{{- end }}
securityContext:
  allowPrivilegeEscalation: {{ dig "allowPrivilegeEscalation" false $relaxed }}
  readOnlyRootFilesystem: {{ dig "readOnlyRootFilesystem" true $relaxed }}
  capabilities:
    drop:
      - ALL
    {{- with $relaxed.addCapabilities }}
    add:
      {{- toYaml . | nindent 6 }}
    {{- end }}
{{- with include "app.volumeMounts" . | trim }}
volumeMounts:
  {{- . | nindent 2 }}
{{- end }}
{{- end }}

{{- define "app.image" -}}
{{ .repository }}{{ with .tag }}:{{ . }}{{ end }}{{ with .digest }}@{{ . }}{{ end }}
{{- end }}

{{- /* Secrets come first, so that a plain variable can be built from them as $(NAME). */ -}}
{{- define "app.environment" -}}
{{- range .workload.secrets }}
{{- if .env }}
- name: {{ .env | toYaml }}
  {{- $from := include "app.secretKey" (dict "root" $.root "workload" $.workload "secret" .) | fromYaml }}
  valueFrom:
    secretKeyRef:
      name: {{ $from.name | toYaml }}
      key: {{ $from.key | toYaml }}
{{- end }}
{{- end }}
{{- range $name, $value := mergeOverwrite (deepCopy .root.Values.env) (.workload.env | default dict | deepCopy) }}
{{- if kindIs "map" $value }}
- name: {{ $name | toYaml }}
  valueFrom:
    fieldRef:
      fieldPath: {{ $value.fieldRef | toYaml }}
{{- else if kindIs "string" $value }}
- name: {{ $name | toYaml }}
  value: {{ $value | quote }}
{{- else if not (kindIs "invalid" $value) }}
- name: {{ $name | toYaml }}
  value: {{ $value | toJson | quote }}
{{- end }}
{{- end }}
{{- end }}

{{- /* A probe that names no port gets the first one. */ -}}
{{- define "app.probes" -}}
{{- $workload := .workload }}
{{- $ports := $workload.ports | default list }}
{{- range $kind := list "startup" "readiness" "liveness" }}
{{- with get ($workload.probes | default dict) $kind }}
{{- $probe := deepCopy . }}
{{- range $action := list "httpGet" "tcpSocket" "grpc" }}
{{- if and (hasKey $probe $action) (not (dig $action "port" "" $probe)) }}
{{- if not $ports }}
{{- fail (printf "services.%s.probes.%s: names no port, and the workload has none" $workload.name $kind) }}
{{- end }}
{{- $port := first $ports }}
{{- $_ := set (get $probe $action) "port" (ternary $port.containerPort $port.name (eq $action "grpc")) }}
{{- end }}
{{- end }}
{{ $kind }}Probe:
  {{- toYaml $probe | nindent 2 }}
{{- end }}
{{- end }}
{{- end }}

{{- /* The preset, with the workload's own resources merged over it, and the GPUs. */ -}}
{{- define "app.resources" -}}
{{- $workload := .workload }}
{{- $resources := dict }}
{{- with $workload.resourcePreset }}
{{- if not (hasKey $.root.Values.resourcePresets .) }}
{{- fail (printf "services.%s.resourcePreset: no entry of resourcePresets is called %s" $workload.name .) }}
{{- end }}
{{- $resources = get $.root.Values.resourcePresets . | deepCopy }}
{{- end }}
{{- $resources = mergeOverwrite $resources ($workload.resources | default dict | deepCopy) }}
{{- if gt (int64 $workload.gpu) 0 }}
{{- $resources = mergeOverwrite $resources (dict "limits" (dict "nvidia.com/gpu" (int64 $workload.gpu))) }}
{{- end }}
{{- with $resources }}
{{- toYaml . }}
{{- end }}
{{- end }}
