#!/bin/sh
# Runs once in `docker compose up`: applies the manifests, and writes a kubeconfig for the service's own account.
set -eu

export KUBECONFIG=/tmp/admin.kubeconfig
# k3s writes the address under which it reaches itself.
sed 's#https://127.0.0.1:6443#https://k3s:6443#' /admin/kubeconfig > "$KUBECONFIG"

for name in namespace workspace-crd project-roles platform-roles admission-policy service impersonation-constrained; do
    kubectl apply --server-side --force-conflicts -f "/manifests/$name.yaml"
done
kubectl wait --for=condition=Established --timeout=60s crd/workspaces.tenancy.secretspace.io
kubectl apply -f /service-account-token.yaml

token() {
    kubectl -n secretspace-system get secret secretspace-compose -o 'go-template={{with .data.token}}{{base64decode .}}{{end}}'
}
until [ -n "$(token)" ]; do sleep 1; done

umask 077
kubectl config view --raw --minify \
    -o 'go-template={{base64decode (index (index .clusters 0).cluster "certificate-authority-data")}}' > /credentials/ca.crt
token > /credentials/token
cat > /credentials/kubeconfig <<EOF
apiVersion: v1
kind: Config
clusters: [{name: k3s, cluster: {server: "https://k3s:6443", certificate-authority: /credentials/ca.crt}}]
users: [{name: secretspace, user: {tokenFile: /credentials/token}}]
contexts: [{name: k3s, context: {cluster: k3s, user: secretspace}}]
current-context: k3s
EOF
chown -R 65532:65532 /credentials
