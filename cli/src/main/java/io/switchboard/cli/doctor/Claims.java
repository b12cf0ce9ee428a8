package io.switchboard.cli.doctor;

import io.switchboard.client.Json;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** What a token says of its time (RFC 7519), unchecked: nothing is decided by it. */
record Claims(OptionalLong expires, OptionalLong issued, OptionalLong notBefore) {
    static Optional<Claims> of(String token) {
        String[] parts = token.split("\\.", -1);
        if (parts.length != 3) return Optional.empty();
        try {
            String json = new String(Base64.getUrlDecoder().decode(parts[1]), StandardCharsets.UTF_8);
            Map<String, String> all = Json.members(json);
            return Optional.of(new Claims(seconds(all, "exp"), seconds(all, "iat"), seconds(all, "nbf")));
        } catch (IllegalArgumentException | Json.Malformed notReadable) {
            return Optional.empty();
        }
    }

    private static OptionalLong seconds(Map<String, String> members, String name) {
        String text = members.getOrDefault(name, "");
        return text.matches("[0-9]{1,12}(\\.[0-9]{1,9})?")
                ? OptionalLong.of(Long.parseLong(text.replaceFirst("\\..*", "")))
                : OptionalLong.empty();
    }
}
