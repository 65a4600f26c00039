{{- /* One ServiceAccount per workload, without any rights of its own; it also carries the pull secrets. */ -}}
{{- define "app.serviceAccount" }}
{{- $values := .root.Values }}
{{- $pullSecrets := concat ($values.imagePullSecrets | default list) (.workload.imagePullSecrets | default list) }}
{{- with $values.registryCredentials }}
{{- $pullSecrets = prepend $pullSecrets .secretName }}
{{- end }}
---
apiVersion: v1
kind: ServiceAccount
metadata:
  {{- include "app.metadata" (dict "root" .root "workload" .workload "annotations" (dig "serviceAccount" "annotations" dict .workload)) | nindent 2 }}
automountServiceAccountToken: {{ include "app.automountToken" .workload }}
{{- with $pullSecrets | uniq }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . | toYaml }}
  {{- end }}
{{- end }}
{{- end }}

{{- define "app.role" }}
{{- with .workload.rbac }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata:
  {{- include "app.metadata" $ | nindent 2 }}
rules:
  {{- toYaml .rules | nindent 2 }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata:
  {{- include "app.metadata" $ | nindent 2 }}
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: Role
  name: {{ $.workload.name | toYaml }}
subjects:
  - kind: ServiceAccount
    name: {{ $.workload.name | toYaml }}
    namespace: {{ include "app.namespace" $.root }}
{{- end }}
{{- end }}
