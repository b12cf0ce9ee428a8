package io.switchboard.http.wire;

/**
 * The catalogue of errors a peer can be told, one for every transport (spec/protocol.md, section 4).
 * The word is the contract; status and title are what HTTP makes of it.
 */
public enum ErrorCode {
    /** The request cannot be understood, or contradicts itself. */
    INVALID("invalid", 400, "Bad Request"),
    /** No credentials, or none that hold. */
    UNAUTHORIZED("unauthorized", 401, "Unauthorized"),
    /** The credentials hold, but do not allow this. */
    FORBIDDEN("forbidden", 403, "Forbidden"),
    NOT_FOUND("not_found", 404, "Not Found"),
    METHOD_NOT_ALLOWED("method_not_allowed", 405, "Method Not Allowed"),
    NOT_ACCEPTABLE("not_acceptable", 406, "Not Acceptable"),
    /** The request did not arrive in time. */
    REQUEST_TIMEOUT("request_timeout", 408, "Request Timeout"),
    /** What is there is otherwise than the request wants it: another type, closed, a producer's gap. */
    CONFLICT("conflict", 409, "Conflict"),
    /** Messages taken by retention, or a channel deleted; the member {@code reason} says which. */
    GONE("gone", 410, "Gone"),
    LENGTH_REQUIRED("length_required", 411, "Length Required"),
    PRECONDITION_FAILED("precondition_failed", 412, "Precondition Failed"),
    TOO_LARGE("too_large", 413, "Content Too Large"),
    URI_TOO_LONG("uri_too_long", 414, "URI Too Long"),
    UNSUPPORTED_MEDIA_TYPE("unsupported_media_type", 415, "Unsupported Media Type"),
    RANGE_NOT_SATISFIABLE("range_not_satisfiable", 416, "Range Not Satisfiable"),
    EXPECTATION_FAILED("expectation_failed", 417, "Expectation Failed"),
    UPGRADE_REQUIRED("upgrade_required", 426, "Upgrade Required"),
    /** A limit on how much or how often; goes with {@code Retry-After}. */
    TOO_MANY("too_many", 429, "Too Many Requests"),
    HEADERS_TOO_LARGE("headers_too_large", 431, "Request Header Fields Too Large"),
    /** Our own mistake. */
    INTERNAL("internal", 500, "Internal Server Error"),
    NOT_IMPLEMENTED("not_implemented", 501, "Not Implemented"),
    /** Not now: the store is busy or away, or the server drains; goes with {@code Retry-After}. */
    UNAVAILABLE("unavailable", 503, "Service Unavailable"),
    VERSION_NOT_SUPPORTED("version_not_supported", 505, "HTTP Version Not Supported"),
    /** No space left to keep what was sent. */
    FULL("full", 507, "Insufficient Storage");

    private final String word;
    private final int status;
    private final String title;

    ErrorCode(String word, int status, String title) {
        this.word = word;
        this.status = status;
        this.title = title;
    }

    /** What stands in {@code code}: lower-case letters and underscores. */
    public String word() {
        return word;
    }

    /** The HTTP status, 400 to 599. */
    public int status() {
        return status;
    }

    /** The status in words, as registered with IANA. */
    public String title() {
        return title;
    }
}
