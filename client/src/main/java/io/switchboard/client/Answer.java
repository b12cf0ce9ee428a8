package io.switchboard.client;

import java.net.http.HttpHeaders;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * What came of a request.
 *
 * @param status 0 if no answer came
 * @param why no answer came, in words; else empty
 */
record Answer(int status, HttpHeaders headers, String body, String why) {
    static final String NEXT_OFFSET = "Stream-Next-Offset";
    static final String EARLIEST_OFFSET = "Stream-Earliest-Offset";

    private static final String HEARTBEAT = "Stream-Heartbeat";
    private static final long HEARTBEAT_MILLIS_MAX = 3_600_000;
    private static final HttpHeaders NO_HEADERS = HttpHeaders.of(Map.of(), (name, value) -> true);
    private static final int STATUS_DETAIL_MAX = 200;

    static Answer none(String why) {
        return new Answer(0, NO_HEADERS, "", why);
    }

    /** A field of the head; empty if it is not there. */
    String header(String name) {
        return header(headers, name);
    }

    static String header(HttpHeaders headers, String name) {
        return headers.firstValue(name).orElse("");
    }

    /** Whether it says that no channel, and nothing else of a Switchboard, is at this path. */
    boolean isNowhere() {
        return status == 404 && Envelope.text(problem(), "reason").equals("path");
    }

    /**
     * Within how many milliseconds something comes, as the server announces it.
     *
     * @param otherwise if it does not, or says what cannot be
     */
    static long heartbeatMillis(HttpHeaders headers, long otherwise) {
        String seconds = header(headers, HEARTBEAT);
        if (!seconds.matches("[1-9][0-9]{0,3}")) return otherwise;
        long millis = Long.parseLong(seconds) * 1_000;
        return millis <= HEARTBEAT_MILLIS_MAX ? millis : otherwise;
    }

    boolean isClosed() {
        return header("Stream-Closed").equalsIgnoreCase("true");
    }

    /** The members of the problem in the body; empty if there is none. */
    Map<String, String> problem() {
        if (!header("Content-Type").startsWith("application/problem+json")) return Map.of();
        try {
            return Json.members(body);
        } catch (Json.Malformed notFromTheServer) {
            return Map.of();
        }
    }

    /** Whether the same request may succeed later. */
    boolean isPassing() {
        return status == 0 || isPassing(status);
    }

    static boolean isPassing(int status) {
        return status == 408 || status == 429 || (status >= 500 && status != 501 && status != 505);
    }

    /** What the server said about coming back. */
    Backoff.Told told() {
        long millis = Envelope.number(problem(), "afterMillis");
        return millis > 0 ? new Backoff.Told.Exactly(millis) : told(headers);
    }

    static Backoff.Told told(HttpHeaders headers) {
        String seconds = header(headers, "Retry-After");
        return seconds.matches("[0-9]{1,9}") ? new Backoff.Told.Seconds(Long.parseLong(seconds)) : Backoff.Told.NOTHING;
    }

    /**
     * {@value #NEXT_OFFSET}, which every good answer has.
     *
     * @param good statuses that are; of any other this is the refusal
     */
    String offset(int... good) {
        if (IntStream.of(good).noneMatch(each -> each == status)) throw refusal();
        String next = header(NEXT_OFFSET);
        if (next.isEmpty()) throw stranger();
        return next;
    }

    /** The page that an answer with {@code as=envelopes} is. */
    Page page(int good) {
        String next = offset(good);
        try {
            List<Message> messages =
                    Envelope.all(body).stream().map(Message::new).toList();
            boolean upToDate = !header("Stream-Up-To-Date").isEmpty();
            return new Page(messages, header("Stream-Previous-Offset"), next, upToDate, isClosed());
        } catch (Json.Malformed malformed) {
            throw stranger();
        }
    }

    private static SwitchboardException stranger() {
        return new SwitchboardException(
                SwitchboardException.UNREACHABLE, "", "Something answers that is no Switchboard server.");
    }

    /** The server's refusal as the application is told it. */
    SwitchboardException refusal() {
        Map<String, String> problem = problem();
        String code = Envelope.text(problem, "code");
        String detail = Envelope.text(problem, "detail");
        if (detail.length() > STATUS_DETAIL_MAX) detail = detail.substring(0, STATUS_DETAIL_MAX);
        return new SwitchboardException(
                code.isEmpty() ? codeOf(status) : code,
                Envelope.text(problem, "reason"),
                detail.isEmpty() ? "The server, or something before it, answers " + status + "." : detail,
                problem);
    }

    private static String codeOf(int status) {
        return switch (status) {
            case 400 -> "invalid";
            case 401 -> "unauthorized";
            case 403 -> "forbidden";
            case 404 -> "not_found";
            case 408 -> "request_timeout";
            case 409 -> "conflict";
            case 410 -> "gone";
            case 413 -> "too_large";
            case 429 -> "too_many";
            case 507 -> "full";
            default -> status >= 500 ? "unavailable" : "invalid";
        };
    }
}
