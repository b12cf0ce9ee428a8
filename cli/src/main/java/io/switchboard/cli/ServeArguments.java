package io.switchboard.cli;

import io.switchboard.server.config.Key;
import io.switchboard.server.config.Keys;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What was typed after {@code serve}.
 *
 * @param file the one of {@code --config}
 * @param flags values by flag, dashes included
 */
record ServeArguments(Optional<Path> file, Map<String, String> flags, boolean devTls) {
    static final String CONFIG = "--config";
    static final String CONFIG_SHORT = "-c";
    static final String DEV_TLS = "--dev-tls";

    /**
     * Reads arguments that can mean one thing only: {@code serve}, and flags that there are, each once, with its value.
     * Empty for everything else, such as what asks for help or is wrong.
     */
    static Optional<ServeArguments> plain(String... arguments) {
        if (arguments.length == 0 || !arguments[0].equals("serve")) return Optional.empty();
        Set<String> known = new HashSet<>();
        for (Key<?> key : Keys.ALL) known.add(key.flag());
        Path file = null;
        Map<String, String> flags = new LinkedHashMap<>();
        boolean devTls = false;
        for (int i = 1; i < arguments.length; i++) {
            String flag = arguments[i];
            if (flag.equals(DEV_TLS) && !devTls) {
                devTls = true;
                continue;
            }
            int equals = flag.indexOf('=');
            String value;
            if (equals >= 0) {
                value = flag.substring(equals + 1);
                flag = flag.substring(0, equals);
            } else {
                value = ++i < arguments.length ? arguments[i] : "";
            }
            // a value that looks like a flag may be one whose own value was forgotten
            if (value.isEmpty() || value.startsWith("-")) return Optional.empty();
            if ((flag.equals(CONFIG) || flag.equals(CONFIG_SHORT)) && file == null) {
                try {
                    file = Path.of(value);
                } catch (InvalidPathException notOne) {
                    return Optional.empty();
                }
            } else if (!known.contains(flag) || flags.put(flag, value) != null) {
                return Optional.empty();
            }
        }
        return Optional.of(new ServeArguments(Optional.ofNullable(file), Map.copyOf(flags), devTls));
    }
}
