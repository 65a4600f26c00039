{{- /* What no schema can say. It prints nothing, and stops with a message. */ -}}
{{- define "app.checks" -}}
{{- /* A key with nothing behind it is null, and null silently takes away what other files said. */}}
{{- range $key := list "app" "toggles" "tls" "ingress" "secretManager" "env" "resourcePresets" "networkPolicies" "quota" "limitRange" "overrides" }}
{{- if not (hasKey $.Values $key) }}
{{- fail (printf "%s: there is nothing behind it; write {} or leave it out" $key) }}
{{- end }}
{{- end }}
{{- $names := dict }}
{{- range .Values.services }}
{{- if hasKey $names .name }}
{{- fail (printf "services: two entries are called %s" .name) }}
{{- end }}
{{- $_ := set $names .name true }}
{{- end }}
{{- range $name, $_ := .Values.overrides }}
{{- if not (hasKey $names $name) }}
{{- fail (printf "overrides.%s: no entry of services has this name" $name) }}
{{- end }}
{{- end }}
{{- end }}
