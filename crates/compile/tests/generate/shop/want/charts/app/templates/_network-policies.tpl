{{- /* What one workload may do beside the rules for all of them (network-policies.yaml). */ -}}
{{- define "app.networkPolicies" }}
{{- if .root.Values.toggles.networkPolicies }}
{{- if include "app.hasIngress" . }}
{{- include "app.ingressControllerPolicy" . }}
{{- end }}
{{- if or .workload.egress .workload.rbac }}
{{- include "app.egressPolicy" . }}
{{- end }}
{{- end }}
{{- end }}

{{- define "app.ingressControllerPolicy" }}
{{- $workload := .workload }}
{{- $ports := list }}
{{- range $workload.ingress.hosts }}
{{- range .paths | default (list dict) }}
{{- $ports = append $ports (include "app.portName" (dict "workload" $workload "port" .port)) }}
{{- end }}
{{- end }}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  {{- include "app.metadata" (dict "root" .root "workload" $workload "name" (printf "%s-from-ingress-controller" $workload.name)) | nindent 2 }}
spec:
  podSelector:
    matchLabels:
      {{- include "app.selectorLabels" . | nindent 6 }}
  policyTypes:
    - Ingress
  ingress:
    - from:
        {{- include "app.ingressControllerPeer" .root | nindent 8 }}
      ports:
        {{- range $ports | uniq }}
        - port: {{ . | toYaml }}
          protocol: TCP
        {{- end }}
{{- end }}

{{- define "app.ingressControllerPeer" -}}
{{- with .Values.ingress.namespace -}}
- namespaceSelector:
    matchLabels:
      kubernetes.io/metadata.name: {{ . | toYaml }}
{{- else -}}
- namespaceSelector: {}
{{- end }}
{{- with .Values.ingress.podLabels }}
  podSelector:
    matchLabels:
      {{- toYaml . | nindent 6 }}
{{- end }}
{{- end }}

{{- define "app.egressPolicy" }}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  {{- include "app.metadata" (dict "root" .root "workload" .workload "name" (printf "%s-egress" .workload.name)) | nindent 2 }}
spec:
  podSelector:
    matchLabels:
      {{- include "app.selectorLabels" . | nindent 6 }}
  policyTypes:
    - Egress
  egress:
    {{- range .workload.egress }}
    - to:
        - ipBlock:
            cidr: {{ .cidr | toYaml }}
      {{- with .ports }}
      ports:
        {{- range . }}
        - port: {{ int64 . }}
          protocol: TCP
        {{- end }}
      {{- end }}
    {{- end }}
    {{- if .workload.rbac }}
    # The Kubernetes API, on its service port and behind it; its address is not known here.
    - ports:
        - port: 443
          protocol: TCP
        - port: 6443
          protocol: TCP
    {{- end }}
{{- end }}
