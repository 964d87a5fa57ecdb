#!/bin/sh
# probe-grpc HOST:PORT SERVICE SECONDS: succeeds when the gRPC health service says SERVING. `--data-binary` carries
# gRPC's five bytes and HealthCheckRequest { service = 1 }; SERVING is field 1 with the value 1: the bytes 08 01.
set -eu
length=$(printf %s "$2" | wc -c)
octal() { printf '\\%03o' "$1"; }
{
  if [ "$length" = 0 ]; then
    printf '\000\000\000\000\000'
  else
    printf "\\000\\000\\000\\000$(octal $((length + 2)))\\012$(octal "$length")"
    printf %s "$2"
  fi
} | curl --silent --http2-prior-knowledge --noproxy '*' --max-time "$3" --data-binary @- \
  --header 'Content-Type: application/grpc' --header 'TE: trailers' --user-agent kube-probe/1.36 \
  "http://$1/grpc.health.v1.Health/Check" | od -An -tx1 | tr -d ' \n' | grep -q '^00000000020801'
