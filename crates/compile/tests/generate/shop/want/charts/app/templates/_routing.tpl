{{- define "app.service" }}
{{- if and .workload.ports (include "app.hasService" .) }}
---
apiVersion: v1
kind: Service
metadata:
  {{- include "app.metadata" . | nindent 2 }}
spec:
  type: ClusterIP
  selector:
    {{- include "app.selectorLabels" . | nindent 4 }}
  ports:
    {{- range .workload.ports }}
    - name: {{ .name | toYaml }}
      port: {{ .servicePort | default .containerPort | int64 }}
      targetPort: {{ .name | toYaml }}
      protocol: {{ .protocol | default "TCP" }}
    {{- end }}
{{- end }}
{{- end }}

{{- define "app.hasService" -}}
{{- if and .root.Values.toggles.services (dig "service" "enabled" true .workload) -}}
true
{{- end }}
{{- end }}

{{- /* "true" where the workload has hosts and they are not turned off. */ -}}
{{- define "app.hasIngress" -}}
{{- $ingress := .workload.ingress | default dict }}
{{- if and .root.Values.toggles.ingresses (dig "enabled" true $ingress) $ingress.hosts -}}
true
{{- end }}
{{- end }}

{{- define "app.ingress" }}
{{- if include "app.hasIngress" . }}
{{- $values := .root.Values }}
{{- $workload := .workload }}
{{- if not (include "app.hasService" .) }}
{{- fail (printf "services.%s.ingress: a host needs a Service" $workload.name) }}
{{- end }}
{{- $tls := $workload.ingress.tls | default dict }}
{{- $hasTls := dig "enabled" $values.tls.enabled $tls }}
{{- $annotations := dict }}
{{- $redirects := $values.ingress.redirectToHttps }}
{{- if eq $values.ingress.controller "traefik" }}
{{- /* A route on `web` wins over Traefik's redirect to HTTPS: so only hosts that want plain HTTP have one. */}}
{{- $entryPoints := ternary (ternary "websecure" "web,websecure" $redirects) "web" $hasTls }}
{{- $_ := set $annotations "traefik.ingress.kubernetes.io/router.entrypoints" $entryPoints }}
{{- else if and (eq $values.ingress.controller "ingress-nginx") $hasTls (not $redirects) }}
{{- $_ := set $annotations "nginx.ingress.kubernetes.io/ssl-redirect" "false" }}
{{- end }}
{{- with $tls.clusterIssuer | default $values.tls.clusterIssuer }}
{{- if $hasTls }}
{{- $_ := set $annotations "cert-manager.io/cluster-issuer" . }}
{{- end }}
{{- end }}
{{- $annotations = mergeOverwrite $annotations ($values.ingress.annotations | default dict | deepCopy) ($workload.ingress.annotations | default dict) }}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  {{- include "app.metadata" (dict "root" .root "workload" $workload "annotations" $annotations) | nindent 2 }}
spec:
  ingressClassName: {{ $values.ingress.className | toYaml }}
  {{- if $hasTls }}
  tls:
    - secretName: {{ $tls.secretName | default (printf "%s-tls" $workload.name) | toYaml }}
      hosts:
        {{- range $workload.ingress.hosts }}
        - {{ .host | quote }}
        {{- end }}
  {{- end }}
  rules:
    {{- range $workload.ingress.hosts }}
    - host: {{ .host | quote }}
      http:
        paths:
          {{- range .paths | default (list (dict "path" "/")) }}
          - path: {{ .path | quote }}
            pathType: {{ .pathType | default "Prefix" }}
            backend:
              service:
                name: {{ $workload.name | toYaml }}
                port:
                  name: {{ include "app.portName" (dict "workload" $workload "port" .port) | toYaml }}
          {{- end }}
    {{- end }}
{{- end }}
{{- end }}

{{- /* Name of the port that `port` means: a name, a container port number, or nothing for the first one. */ -}}
{{- define "app.portName" -}}
{{- $found := "" }}
{{- range .workload.ports }}
{{- if and (not $found) (or (not $.port) (eq .name (toString $.port)) (eq (toString .containerPort) (toString $.port))) }}
{{- $found = .name }}
{{- end }}
{{- end }}
{{- if not .workload.ports }}
{{- fail (printf "services.%s.ingress: a host needs a port" .workload.name) }}
{{- end }}
{{- if not $found }}
{{- fail (printf "services.%s.ingress: no entry of ports is %v" .workload.name .port) }}
{{- end }}
{{- $found }}
{{- end }}
