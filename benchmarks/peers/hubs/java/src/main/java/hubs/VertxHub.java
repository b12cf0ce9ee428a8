package hubs;

import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.ServerWebSocket;
import java.util.LinkedHashSet;
import java.util.Set;

/** A hub on Vert.x: what comes in at /pub goes to everybody at /sub. One event loop, Netty's epoll transport. */
public final class VertxHub {
    private VertxHub() {}

    public static void main(String[] arguments) {
        Vertx vertx =
                Vertx.vertx(new VertxOptions().setPreferNativeTransport(true).setEventLoopPoolSize(1));
        if (!vertx.isNativeTransportEnabled()) throw new IllegalStateException("no epoll");
        Set<ServerWebSocket> subscribers = new LinkedHashSet<>(); // all on the one loop
        vertx.createHttpServer(new HttpServerOptions()
                        .setHost("127.0.0.1")
                        .setPort(Integer.parseInt(arguments[0]))
                        .setTcpNoDelay(true)
                        .setAcceptBacklog(4096)
                        .setPerMessageWebSocketCompressionSupported(false)
                        .setPerFrameWebSocketCompressionSupported(false))
                .requestHandler(request -> request.response().end("ready"))
                .webSocketHandler(socket -> {
                    if (socket.path().equals("/sub")) {
                        subscribers.add(socket);
                        socket.closeHandler(end -> subscribers.remove(socket));
                    } else {
                        socket.textMessageHandler(text -> {
                            for (ServerWebSocket subscriber : subscribers) subscriber.writeTextMessage(text);
                        });
                    }
                })
                .listen()
                .onFailure(refused -> {
                    refused.printStackTrace();
                    System.exit(1);
                });
    }
}
