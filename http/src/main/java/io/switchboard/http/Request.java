package io.switchboard.http;

import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.switchboard.core.access.Access;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One request, received whole.
 *
 * @param method its method
 * @param path the raw path of its target, still percent-encoded, beginning with {@code /}
 * @param query the raw query, without {@code ?}; empty if there is none
 * @param headers its header fields, each name and value checked
 * @param body its content; empty if it has none
 * @param access what whoever asks may do
 */
@SuppressWarnings("ArrayRecordComponent") // a carrier; compared by nobody
public record Request(HttpMethod method, String path, String query, HttpHeaders headers, byte[] body, Access access) {
    /** The same, from somebody else. */
    public Request by(Access other) {
        return new Request(method, path, query, headers, body, other);
    }

    /** The value of a header field that may come once; null if it did not come. */
    public @Nullable String header(CharSequence name) {
        return headers.get(name);
    }

    /** Whether a header field that may come once came more often. */
    public boolean repeats(CharSequence name) {
        List<String> values = headers.getAll(name);
        return values.size() > 1;
    }
}
