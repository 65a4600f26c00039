{{- /* "true" where the workload reads what has a place in the secret manager. */ -}}
{{- define "app.hasManagedSecrets" -}}
{{- range .workload.secrets }}
{{- if not .existingSecret -}}
true
{{- end }}
{{- end }}
{{- end }}

{{- /*
The Secret that holds a folder of the secret manager, where values come as Secrets and not through the CSI driver:
/ is app-secrets, /payments/eu is payments-eu.
*/ -}}
{{- define "app.folderSecret" -}}
{{ regexReplaceAll "[^A-Za-z0-9]" (trimAll "/" .) "-" | trimAll "-" | lower | default "app-secrets" }}
{{- end }}

{{- /* The Secret and the key in it of one entry of a workload's secrets. */ -}}
{{- define "app.secretKey" -}}
{{- $infisical := eq .root.Values.secretManager.provider "infisical" -}}
{{- if hasKey .secret "existingSecret" -}}
{{- dict "name" .secret.existingSecret "key" .secret.key | toYaml }}
{{- else if $infisical -}}
{{- dict "name" (printf "%s-secrets" .workload.name) "key" .secret.env | toYaml }}
{{- else -}}
{{- dict "name" (include "app.folderSecret" .secret.path) "key" .secret.key | toYaml }}
{{- end }}
{{- end }}

{{- /* Managed secrets need a manager. */ -}}
{{- define "app.needsManager" -}}
{{- if and (include "app.hasManagedSecrets" .) (eq .root.Values.secretManager.provider "none") }}
{{- fail (printf "services.%s.secrets: secretManager.provider is none, so every secret needs existingSecret" .workload.name) }}
{{- end }}
{{- end }}

{{- /*
What the workload reads from Infisical. The provider mounts a secret once, however often it is listed,
so a secret that is a file and a variable has one entry. Variables go through a Secret that the driver
makes while a pod mounts the class.
*/ -}}
{{- define "app.secretProviderClass" }}
{{- include "app.needsManager" . }}
{{- if and (include "app.hasManagedSecrets" .) (eq .root.Values.secretManager.provider "infisical") }}
{{- $manager := .root.Values.secretManager }}
{{- $workload := .workload }}
{{- $fileNames := dict }}
{{- range $workload.secrets }}
{{- if not .existingSecret }}
{{- $id := printf "%s %s" .path .key }}
{{- if and .file (hasKey $fileNames $id) (ne .file (get $fileNames $id)) }}
{{- fail (printf "services.%s.secrets: the secret %s in %s can be one file only" $workload.name .key .path) }}
{{- end }}
{{- if .file }}
{{- $_ := set $fileNames $id .file }}
{{- end }}
{{- end }}
{{- end }}
{{- $mounted := list }}
{{- $synced := list }}
{{- range $workload.secrets }}
{{- if not .existingSecret }}
{{- $id := printf "%s %s" .path .key }}
{{- if not (hasKey $fileNames $id) }}
{{- $_ := set $fileNames $id .env }}
{{- end }}
{{- $fileName := get $fileNames $id }}
{{- $mounted = append $mounted (dict "secretPath" .path "secretKey" .key "fileName" $fileName) }}
{{- with .env }}
{{- $synced = append $synced (dict "objectName" $fileName "key" .) }}
{{- end }}
{{- end }}
{{- end }}
---
apiVersion: secrets-store.csi.x-k8s.io/v1
kind: SecretProviderClass
metadata:
  {{- include "app.metadata" (dict "root" .root "workload" $workload "name" (printf "%s-secrets" $workload.name)) | nindent 2 }}
spec:
  provider: infisical
  parameters:
    {{- include "app.secretParameters" $manager | nindent 4 }}
    secrets: |
      {{- toYaml ($mounted | uniq) | nindent 6 }}
  {{- with $synced }}
  secretObjects:
    - secretName: {{ $workload.name }}-secrets
      type: Opaque
      data:
        {{- toYaml . | nindent 8 }}
  {{- end }}
{{- end }}
{{- end }}

{{- /* Where Infisical is and who asks; every value must be a string. */ -}}
{{- define "app.secretParameters" -}}
infisicalUrl: {{ required "secretManager.url is missing" .url | quote }}
authMethod: {{ .authMode | quote }}
identityId: {{ required "secretManager.identityId is missing" .identityId | quote }}
projectId: {{ required "secretManager.projectId is missing" .projectId | quote }}
envSlug: {{ required "secretManager.environmentSlug is missing" .environmentSlug | quote }}
audience: {{ .audience | quote }}
{{- with .caCertificate }}
caCertificate: |
  {{- . | trim | nindent 2 }}
{{- end }}
{{- end }}
