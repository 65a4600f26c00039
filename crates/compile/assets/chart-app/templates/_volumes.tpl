{{- /* Volumes of the pod: its own, the secrets, and a writable /tmp beside a read-only root. */ -}}
{{- define "app.volumes" -}}
{{- $workload := .workload }}
{{- range $workload.volumes }}
- name: {{ .name | toYaml }}
{{- if eq (.type | default "persistent") "emptyDir" }}
  {{- if or .size .medium }}
  emptyDir:
    {{- with .medium }}
    medium: {{ . | toYaml }}
    {{- end }}
    {{- with .size }}
    sizeLimit: {{ include "app.quantity" . }}
    {{- end }}
  {{- else }}
  emptyDir: {}
  {{- end }}
{{- else }}
  persistentVolumeClaim:
    claimName: {{ .existingClaim | default (printf "%s-%s" $workload.name .name) | toYaml }}
{{- end }}
{{- end }}
{{- if include "app.needsTmp" $workload }}
- name: writable-tmp
  emptyDir: {}
{{- end }}
{{- if include "app.mountsSecretsStore" . }}
- name: secrets-store
{{- if eq .root.Values.secretManager.provider "infisical" }}
  csi:
    driver: secrets-store.csi.k8s.io
    readOnly: true
    volumeAttributes:
      secretProviderClass: {{ $workload.name }}-secrets
{{- else }}
  projected:
    sources:
      {{- range $secret, $files := include "app.folderSecretFiles" $workload | fromYaml }}
      - secret:
          name: {{ $secret | toYaml }}
          items:
            {{- toYaml $files | nindent 12 }}
      {{- end }}
{{- end }}
{{- end }}
{{- range $secret, $files := include "app.existingSecretFiles" $workload | fromYaml }}
- name: existing-{{ $secret | replace "." "-" | trunc 54 | trimSuffix "-" }}
  secret:
    secretName: {{ $secret | toYaml }}
    items:
      {{- toYaml $files | nindent 6 }}
{{- end }}
{{- end }}

{{- define "app.volumeMounts" -}}
{{- $workload := .workload }}
{{- $mountPath := .root.Values.secretManager.mountPath }}
{{- range $workload.volumes }}
- name: {{ .name | toYaml }}
  mountPath: {{ .mountPath | toYaml }}
  {{- with .subPath }}
  subPath: {{ . | toYaml }}
  {{- end }}
  {{- if .readOnly }}
  readOnly: true
  {{- end }}
{{- end }}
{{- if include "app.needsTmp" $workload }}
- name: writable-tmp
  mountPath: /tmp
{{- end }}
{{- if include "app.mountsSecretsStore" . }}
- name: secrets-store
  mountPath: {{ $mountPath | toYaml }}
  readOnly: true
{{- end }}
{{- range $secret, $_ := include "app.existingSecretFiles" $workload | fromYaml }}
- name: existing-{{ $secret | replace "." "-" | trunc 54 | trimSuffix "-" }}
  mountPath: {{ printf "%s-existing/%s" $mountPath $secret | toYaml }}
  readOnly: true
{{- end }}
{{- end }}

{{- /* A whole number of bytes must not be written as 1e+09. */ -}}
{{- define "app.quantity" -}}
{{ if kindIs "string" . }}{{ . }}{{ else }}{{ . | toJson }}{{ end }}
{{- end }}

{{- define "app.needsTmp" -}}
{{- $needed := ternary "true" "" (dig "securityContext" "readOnlyRootFilesystem" true .) }}
{{- range .volumes }}
{{- if eq (trimSuffix "/" .mountPath) "/tmp" }}
{{- $needed = "" }}
{{- end }}
{{- end }}
{{- $needed }}
{{- end }}

{{- /*
"true" where the pod mounts the folder of secret files: those of the CSI driver mount it for variables too, because the
driver keeps their Secret only meanwhile.
*/ -}}
{{- define "app.mountsSecretsStore" -}}
{{- $infisical := eq .root.Values.secretManager.provider "infisical" }}
{{- $mounts := "" }}
{{- range .workload.secrets }}
{{- if and (not .existingSecret) (or $infisical .file) }}
{{- $mounts = "true" }}
{{- end }}
{{- end }}
{{- $mounts }}
{{- end }}

{{- /* Files from the Secrets of folders: secret → items. */ -}}
{{- define "app.folderSecretFiles" -}}
{{- $files := dict }}
{{- range .secrets }}
{{- if and .file (not .existingSecret) }}
{{- $name := include "app.folderSecret" .path }}
{{- $items := get $files $name | default list }}
{{- $_ := set $files $name (append $items (dict "key" .key "path" .file)) }}
{{- end }}
{{- end }}
{{- toYaml $files }}
{{- end }}

{{- /* Files from Secrets that are already in the namespace: secret → items. */ -}}
{{- define "app.existingSecretFiles" -}}
{{- $files := dict }}
{{- range .secrets }}
{{- if and .existingSecret .file }}
{{- $items := get $files .existingSecret | default list }}
{{- $_ := set $files .existingSecret (append $items (dict "key" .key "path" .file)) }}
{{- end }}
{{- end }}
{{- toYaml $files }}
{{- end }}

{{- /*
The claim outlives the workload: neither Argo CD nor Helm removes it, so data goes only by hand.
*/ -}}
{{- define "app.persistentVolumeClaims" }}
{{- $annotations := dict "argocd.argoproj.io/sync-options" "Prune=false,Delete=false" "helm.sh/resource-policy" "keep" }}
{{- range .workload.volumes }}
{{- if and (ne (.type | default "persistent") "emptyDir") (not .existingClaim) }}
{{- if not .size }}
{{- fail (printf "services.%s.volumes: the persistent volume %s needs a size" $.workload.name .name) }}
{{- end }}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata:
  {{- include "app.metadata" (dict "root" $.root "workload" $.workload "name" (printf "%s-%s" $.workload.name .name) "annotations" $annotations) | nindent 2 }}
spec:
  accessModes:
    - {{ .accessMode | default "ReadWriteOnce" }}
  {{- with .storageClass }}
  storageClassName: {{ . | toYaml }}
  {{- end }}
  resources:
    requests:
      storage: {{ include "app.quantity" .size }}
{{- end }}
{{- end }}
{{- end }}
