package io.switchboard.server;

import static io.switchboard.server.TestServer.JSON;
import static io.switchboard.server.TestServer.expect;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpRequest;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Room for bodies is not for those who may not send any. */
class BodiesOfStrangersTest {
    private static final String HEAD = "POST /v1/stream/a HTTP/1.1\r\nHost: test\r\nContent-Type: " + JSON + "\r\n";

    @TempDir
    Path folder;

    @Test
    void theyAreRefusedBeforeTheyCome() {
        Tokens tokens = new Tokens(folder);
        String may = tokens.of("ann").write("**").manage("**").sign();
        String expired = tokens.of("eve").write("**").lives(-60_000).sign();
        List<String> fields = List.of(
                "Content-Length: 900000\r\n",
                "Transfer-Encoding: chunked\r\n",
                "Content-Length: 900000\r\nExpect: 100-continue\r\n",
                "Content-Length: 900000\r\nAuthorization: Bearer nothing\r\n",
                "Content-Length: 900000\r\nAuthorization: Bearer " + expired + "\r\n",
                "Content-Length: 900000\r\nAuthorization: Basic YTpi\r\n");
        try (TestServer server = tokens.server("limits.messageBytes", "1MB", "limits.bodyBytesInFlight", "1MB")) {
            List<RawClient> held = new ArrayList<>();
            for (String field : fields) {
                RawClient client = server.raw();
                held.add(client);
                RawClient.Answer answer = client.send(HEAD + field + "\r\n").answer();
                assertThat(answer.status()).as(field).isEqualTo(401);
                assertThat(answer.header("WWW-Authenticate")).as(field).startsWith("Bearer");
                assertThat(answer.closes()).as(field).isTrue();
                assertThat(answer.body()).doesNotContain(expired);
            }
            String[] bearer = {"Authorization", "Bearer " + may, "Content-Type", JSON};
            expect(
                    server.send(
                            server.request("/v1/stream/a").headers(bearer).PUT(HttpRequest.BodyPublishers.noBody())),
                    201);
            String large = '"' + "x".repeat(900_000) + '"';
            expect(
                    server.send(server.request("/v1/stream/a")
                            .headers(bearer)
                            .POST(HttpRequest.BodyPublishers.ofString(large))),
                    204);
            held.forEach(RawClient::close);
        }
    }
}
