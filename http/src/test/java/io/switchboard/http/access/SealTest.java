package io.switchboard.http.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SealTest {
    private static final byte[] CONTENT = "what the client may not read".getBytes(StandardCharsets.UTF_8);

    private final SecureRandom random = new SecureRandom();
    private final byte[] key = key();
    private final Seal seal = new Seal(key, "one", random);

    private byte[] key() {
        byte[] made = new byte[Seal.KEY_BYTES];
        random.nextBytes(made);
        return made;
    }

    @Test
    void whatWasSealedIsOpenedByTheSameKeyForTheSamePurpose() {
        String sealed = seal.seal(CONTENT);
        assertThat(sealed).matches("[A-Za-z0-9_-]+").isNotEqualTo(seal.seal(CONTENT));
        assertThat(new Seal(key, "one", random).open(sealed)).isEqualTo(CONTENT);
        assertThat(new Seal(key, "two", random).open(sealed)).isNull();
        assertThat(new Seal(key(), "one", random).open(sealed)).isNull();
    }

    @Test
    void whatWasChangedIsNotOpened() {
        String sealed = seal.seal(CONTENT);
        for (int i = 0; i < sealed.length() - 1; i++) {
            char other = sealed.charAt(i) == 'A' ? 'B' : 'A';
            assertThat(seal.open(sealed.substring(0, i) + other + sealed.substring(i + 1)))
                    .isNull();
            assertThat(seal.open(sealed.substring(0, i))).isNull();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "A", "AAAA", "%", "a b", "\u00e9", "AAAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAAAAAAAAAAA=="})
    void whatWasNeverSealedIsNotOpened(String text) {
        assertThat(seal.open(text)).isNull();
    }

    @Test
    void aKeyHasItsLength() {
        assertThatThrownBy(() -> new Seal(new byte[16], "one", random)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aHiddenMarkShowsNothingAndIsReadByWhoeverGaveIt() {
        PageMark marks = new PageMark(random);
        assertThat(marks.read("chat/1")).isEqualTo("chat/1");
        assertThat(marks.hidden("chat/secret")).startsWith("!").doesNotContain("secret");
        assertThat(marks.read(marks.hidden("chat/secret"))).isEqualTo("chat/secret");
        assertThat(new PageMark(random).read(marks.hidden("chat/secret"))).isNull();
        assertThat(marks.read("!x")).isNull();
    }
}
