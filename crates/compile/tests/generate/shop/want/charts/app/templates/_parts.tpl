{{- /*
Whether this release has the objects that come before the deployments (`before`), or the others. Argo CD has one
release and sync waves; Flux has two releases, because Helm knows no order between a job and the deployments.
*/ -}}
{{- define "app.has" -}}
{{- $part := .root.Values.app.part | default "all" }}
{{- if or (eq $part "all") (eq $part (ternary "before" "main" .before)) }}yes{{ end }}
{{- end }}
