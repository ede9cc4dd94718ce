# Huiyin as an image: the program alone, without a shell, not as root. The data is in the volume /data.
#
#     docker build --build-arg VERSION=$(git describe --tags --always) -t huiyin .
#     docker run -d --name huiyin -p 8080:8080 -v huiyin:/data -e HUIYIN_URL=https://desk.example.com huiyin

FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG VERSION=
RUN CGO_ENABLED=0 go build -trimpath -ldflags "-s -w -X main.version=$VERSION" -o /out/huiyin ./cmd/huiyin
RUN mkdir -p /out/data /out/tmp && chmod 700 /out/data && chown -R 65532:65532 /out/data /out/tmp

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build /out/huiyin /huiyin
COPY --from=build --chown=65532:65532 /out/data /data
COPY --from=build --chown=65532:65532 /out/tmp /tmp
USER 65532:65532
ENV HUIYIN_DATA=/data HUIYIN_LISTEN=:8080
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s CMD ["/huiyin", "health"]
ENTRYPOINT ["/huiyin"]
CMD ["serve"]
