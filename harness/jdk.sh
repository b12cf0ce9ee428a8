# Finds the JDK; sourced by ./switchboard and ./test.
java_wanted=25

# The major version of the JDK in folder $1; nothing if there is none.
jdk_version() {
  [ -x "$1/bin/java" ] && [ -x "$1/bin/javac" ] && [ -f "$1/release" ] || return 0
  sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$1/release"
}

find_jdk() {
  local folder on_path
  if [ -n "${SWITCHBOARD_JAVA_HOME:-}" ]; then
    if [ "$(jdk_version "$SWITCHBOARD_JAVA_HOME")" = "$java_wanted" ]; then
      echo "$SWITCHBOARD_JAVA_HOME"
      return
    fi
    echo "switchboard: SWITCHBOARD_JAVA_HOME is $SWITCHBOARD_JAVA_HOME, which holds no JDK $java_wanted." >&2
    return 1
  fi
  on_path="$(command -v javac || true)"
  if [ -n "$on_path" ]; then on_path="$(dirname "$(dirname "$(readlink -f "$on_path")")")"; fi
  for folder in "${JAVA_HOME:-}" "$on_path" \
    /usr/lib/jvm/* /usr/java/* /opt/* /opt/java/* "${SDKMAN_DIR:-${HOME:-}/.sdkman}"/candidates/java/* \
    "${HOME:-}"/.jdks/* /Library/Java/JavaVirtualMachines/*/Contents/Home /opt/homebrew/opt/openjdk*/libexec/openjdk.jdk/Contents/Home; do
    if [ -n "$folder" ] && [ "$(jdk_version "$folder")" = "$java_wanted" ]; then
      echo "$folder"
      return
    fi
  done
  echo "switchboard: no JDK $java_wanted found in SWITCHBOARD_JAVA_HOME, JAVA_HOME, PATH, or the usual folders." >&2
  echo "switchboard: Get one from your system's packages (openjdk-$java_wanted-jdk, temurin-$java_wanted-jdk), with SDKMAN" \
    "(sdk install java $java_wanted-tem), or from Adoptium; then set SWITCHBOARD_JAVA_HOME to its folder." >&2
  return 1
}
