{{- /* Which nodes the pods run on. */ -}}
{{- define "app.scheduling" -}}
{{- $workload := .workload }}
{{- $gpu := gt (int64 $workload.gpu) 0 }}
{{- $affinity := $workload.affinity | default dict }}
{{- with $workload.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- if or $workload.tolerations $gpu }}
tolerations:
  {{- with $workload.tolerations }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
  {{- if $gpu }}
  - key: nvidia.com/gpu
    operator: Exists
    effect: NoSchedule
  {{- end }}
{{- end }}
{{- with $affinity.sameNodeAs }}
affinity:
  podAffinity:
    requiredDuringSchedulingIgnoredDuringExecution:
      - topologyKey: kubernetes.io/hostname
        labelSelector:
          matchLabels:
            app.kubernetes.io/name: {{ . | toYaml }}
            app.kubernetes.io/instance: {{ include "app.instance" $.root }}
{{- end }}
{{- with $affinity.spread }}
topologySpreadConstraints:
  - maxSkew: 1
    topologyKey: kubernetes.io/hostname
    whenUnsatisfiable: {{ ternary "DoNotSchedule" "ScheduleAnyway" (eq . "required") }}
    labelSelector:
      matchLabels:
        {{- include "app.selectorLabels" $ | nindent 8 }}
    {{- if eq ($workload.type | default "deployment") "deployment" }}
    # Pods of the version before don't count, or a rollout could get stuck.
    matchLabelKeys:
      - pod-template-hash
    {{- end }}
{{- end }}
{{- end }}
