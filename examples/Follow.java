import io.switchboard.client.Switchboard;
import java.net.URI;

/**
 * Shows the channel "demo", and what is appended to it, and misses nothing when you stop the server and start it again:
 *
 *   java -cp client/target/switchboard-client-0.1.0-SNAPSHOT.jar examples/Follow.java
 */
class Follow {
    public static void main(String[] arguments) throws Exception {
        URI server = URI.create(arguments.length > 0 ? arguments[0] : "http://127.0.0.1:8080");
        try (Switchboard client = Switchboard.connect(server)) {
            client.channel("demo").create("application/json").join();
            client.channel("demo").subscribe("-1", message -> System.out.println(message.json()));
            client.channel("demo").publish("{\"hello\":\"from Java\"}").join();
            Thread.currentThread().join();
        }
    }
}
