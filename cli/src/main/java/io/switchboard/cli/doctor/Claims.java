package io.switchboard.cli.doctor;

import io.switchboard.cli.client.JsonText;
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
            byte[] json = Base64.getUrlDecoder().decode(parts[1]);
            return JsonText.members(json)
                    .map(all -> new Claims(seconds(all, "exp"), seconds(all, "iat"), seconds(all, "nbf")));
        } catch (IllegalArgumentException notBase64) {
            return Optional.empty();
        }
    }

    private static OptionalLong seconds(Map<String, byte[]> members, String name) {
        byte[] value = members.get(name);
        if (value == null) return OptionalLong.empty();
        String text = new String(value, StandardCharsets.US_ASCII);
        return text.matches("[0-9]{1,12}(\\.[0-9]{1,9})?")
                ? OptionalLong.of(Long.parseLong(text.replaceFirst("\\..*", "")))
                : OptionalLong.empty();
    }
}
