package io.switchboard.http.wire;

import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.util.AsciiString;

/**
 * Netty's decoder without what it forgives and then hides from {@link RequestGuard}: other separators than
 * one space in the request line, a version in lower case, several {@code Content-Length} fields in HTTP/1.0;
 * and with a limit on the number of header fields. What it refuses comes out as a message whose decoder
 * result carries a {@link Refusal}.
 */
public final class RequestDecoder extends HttpRequestDecoder {
    private static final Problem SEPARATORS = Problem.of(
            ErrorCode.INVALID, "A request line is a method, a target and a version, with one space between.");
    private static final Problem VERSION =
            Problem.of(ErrorCode.INVALID, "A request line ends with HTTP/1.1 or HTTP/1.0.");
    private static final Problem TWO_LENGTHS =
            Problem.of(ErrorCode.INVALID, "A request has at most one Content-Length field.");

    private final int fieldsMax;
    private int wordEnd;
    private int fields;
    private int lengths;

    /** @param fieldsMax header and trailer fields of one request; 431 beyond */
    public RequestDecoder(HttpDecoderConfig config, int fieldsMax) {
        super(config);
        this.fieldsMax = fieldsMax;
    }

    /** Why a request is refused; carries no stack trace, since it tells of the peer's mistake and not of ours. */
    static final class Refusal extends RuntimeException {
        private final transient Problem problem;

        Refusal(Problem problem) {
            super(problem.detail(), null, false, false);
            this.problem = problem;
        }

        Problem problem() {
            return problem;
        }
    }

    @Override
    protected HttpMessage createMessage(String[] initialLine) throws Exception {
        fields = 0;
        lengths = 0;
        return super.createMessage(initialLine);
    }

    @Override
    protected String splitFirstWordInitialLine(byte[] line, int start, int length) {
        if (length == 0 || (start > 0 && line[start - 1] <= ' ')) throw new Refusal(SEPARATORS);
        wordEnd = start + length;
        return super.splitFirstWordInitialLine(line, start, length);
    }

    @Override
    protected String splitSecondWordInitialLine(byte[] line, int start, int length) {
        checkSeparator(line, start, length);
        return super.splitSecondWordInitialLine(line, start, length);
    }

    @Override
    protected String splitThirdWordInitialLine(byte[] line, int start, int length) {
        checkSeparator(line, start, length);
        boolean version = length == 8
                && line[start] == 'H'
                && line[start + 1] == 'T'
                && line[start + 2] == 'T'
                && line[start + 3] == 'P'
                && line[start + 4] == '/';
        if (!version) throw new Refusal(VERSION);
        return super.splitThirdWordInitialLine(line, start, length);
    }

    private void checkSeparator(byte[] line, int start, int length) {
        if (length == 0 || start != wordEnd + 1 || line[wordEnd] != ' ') throw new Refusal(SEPARATORS);
        wordEnd = start + length;
    }

    @Override
    protected AsciiString splitHeaderName(byte[] line, int start, int length) {
        if (++fields > fieldsMax) {
            throw new Refusal(
                    Problem.of(ErrorCode.HEADERS_TOO_LARGE, "A request has at most " + fieldsMax + " header fields."));
        }
        AsciiString name = super.splitHeaderName(line, start, length);
        if (HttpHeaderNames.CONTENT_LENGTH.contentEqualsIgnoreCase(name) && ++lengths > 1) {
            throw new Refusal(TWO_LENGTHS);
        }
        return name;
    }
}
