# Finds the JDK; sourced by ./switchboard and ./test. Starts no other program where it need not: each costs a start
# milliseconds.
java_wanted=25

# Whether the folder $1 holds the JDK that is wanted.
is_jdk() {
  [ -n "$1" ] && [ -x "$1/bin/java" ] && [ -x "$1/bin/javac" ] && [ -f "$1/release" ] || return 1
  local line
  while IFS= read -r line || [ -n "$line" ]; do
    case "$line" in
      JAVA_VERSION=\"$java_wanted\" | JAVA_VERSION=\"$java_wanted[!0-9]*) return 0 ;;
    esac
  done <"$1/release"
  return 1
}

find_jdk() {
  local folder on_path
  if [ -n "${SWITCHBOARD_JAVA_HOME:-}" ]; then
    if is_jdk "$SWITCHBOARD_JAVA_HOME"; then
      echo "$SWITCHBOARD_JAVA_HOME"
      return
    fi
    echo "switchboard: SWITCHBOARD_JAVA_HOME is $SWITCHBOARD_JAVA_HOME, which holds no JDK $java_wanted." >&2
    return 1
  fi
  if is_jdk "${JAVA_HOME:-}"; then
    echo "$JAVA_HOME"
    return
  fi
  on_path="$(command -v javac || true)"
  if [ -n "$on_path" ]; then on_path="$(readlink -f "$on_path")"; fi
  for folder in "${on_path%/bin/javac}" \
    /usr/lib/jvm/* /usr/java/* /opt/* /opt/java/* "${SDKMAN_DIR:-${HOME:-}/.sdkman}"/candidates/java/* \
    "${HOME:-}"/.jdks/* /Library/Java/JavaVirtualMachines/*/Contents/Home /opt/homebrew/opt/openjdk*/libexec/openjdk.jdk/Contents/Home; do
    if is_jdk "$folder"; then
      echo "$folder"
      return
    fi
  done
  echo "switchboard: no JDK $java_wanted found in SWITCHBOARD_JAVA_HOME, JAVA_HOME, PATH, or the usual folders." >&2
  echo "switchboard: Get one from your system's packages (openjdk-$java_wanted-jdk, temurin-$java_wanted-jdk), with SDKMAN" \
    "(sdk install java $java_wanted-tem), or from Adoptium; then set SWITCHBOARD_JAVA_HOME to its folder." >&2
  return 1
}
