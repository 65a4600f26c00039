{{- define "app.horizontalPodAutoscaler" }}
{{- with .workload.autoscaling }}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  {{- include "app.metadata" $ | nindent 2 }}
spec:
  scaleTargetRef:
    apiVersion: apps/v1
    kind: Deployment
    name: {{ $.workload.name | toYaml }}
  minReplicas: {{ dig "minReplicas" 1 . | int64 }}
  maxReplicas: {{ int64 .maxReplicas }}
  metrics:
    - type: Resource
      resource:
        name: cpu
        target:
          type: Utilization
          averageUtilization: {{ dig "targetCPUUtilizationPercentage" 75 . | int64 }}
    {{- with .targetMemoryUtilizationPercentage }}
    - type: Resource
      resource:
        name: memory
        target:
          type: Utilization
          averageUtilization: {{ int64 . }}
    {{- end }}
{{- end }}
{{- end }}

{{- /* Made where at least two pods run; with one pod it would only block the draining of its node. */ -}}
{{- define "app.podDisruptionBudget" }}
{{- $workload := .workload }}
{{- $budget := $workload.podDisruptionBudget | default dict }}
{{- $pods := dig "replicas" 1 $workload }}
{{- with $workload.autoscaling }}
{{- $pods = dig "minReplicas" 1 . }}
{{- end }}
{{- if dig "enabled" (ge (int64 $pods) 2) $budget }}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  {{- include "app.metadata" . | nindent 2 }}
spec:
  maxUnavailable: {{ dig "maxUnavailable" 1 $budget | include "app.intOrString" }}
  # Pods that are broken anyway never hold up a drain.
  unhealthyPodEvictionPolicy: AlwaysAllow
  selector:
    matchLabels:
      {{- include "app.selectorLabels" . | nindent 6 }}
{{- end }}
{{- end }}

{{- define "app.intOrString" -}}
{{ if kindIs "string" . }}{{ . | quote }}{{ else }}{{ int64 . }}{{ end }}
{{- end }}
