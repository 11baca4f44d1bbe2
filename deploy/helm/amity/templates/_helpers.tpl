{{- define "amity.labels" -}}
app.kubernetes.io/name: amity
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
{{- end }}

{{- define "amity.pod" -}}
automountServiceAccountToken: false
securityContext:
  runAsNonRoot: true
  runAsUser: 10001
  runAsGroup: 10001
  fsGroup: 10001
  seccompProfile: {type: RuntimeDefault}
volumes:
  - name: home
    persistentVolumeClaim: {claimName: {{ .Release.Name }}-home}
  - name: cache
    emptyDir: {sizeLimit: {{ .Values.cache.size }}}
  - name: tmp
    emptyDir: {sizeLimit: 1Gi}
  - name: secret
    secret: {secretName: {{ .Values.secret }}, defaultMode: 0440}
{{- end }}

{{- define "amity.container" -}}
image: "{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}"
imagePullPolicy: {{ .Values.image.pullPolicy }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: {drop: [ALL]}
env:
  - {name: AMITY_HOME, value: /var/lib/amity}
  - {name: AMITY_CACHE, value: /var/cache/amity}
  - {name: AMITY_DATABASE_URL_FILE, value: /run/secrets/amity/database-url}
  - {name: AMITY_BROKER_URL_FILE, value: /run/secrets/amity/broker-url}
  - {name: AMITY_PASSPHRASE_FILE, value: /run/secrets/amity/passphrase}
  {{- if .Values.push.enabled }}
  - {name: AMITY_PUSH__URL, value: {{ printf "https://%s" .Values.push.host | quote }}}
  - {name: AMITY_PUSH__TOPIC, value: {{ .Values.push.topic | quote }}}
  - {name: AMITY_PUSH__SENDER, value: {{ .Values.push.sender | quote }}}
  {{- end }}
volumeMounts:
  - {name: home, mountPath: /var/lib/amity}
  - {name: cache, mountPath: /var/cache/amity}
  - {name: tmp, mountPath: /tmp}
  - {name: secret, mountPath: /run/secrets/amity, readOnly: true}
{{- end }}
