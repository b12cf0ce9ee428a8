package hubs;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameDecoder;
import io.netty.handler.codec.http.websocketx.WebSocketDecoderConfig;
import io.netty.handler.codec.http.websocketx.WebSocketServerHandshaker;
import io.netty.handler.codec.http.websocketx.WebSocketServerHandshakerFactory;
import io.netty.util.ReferenceCountUtil;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * A hub on bare Netty: what comes in at /pub goes to everybody at /sub. One event loop on epoll; what came in during
 * one turn of the loop leaves as one buffer, which all subscribers share.
 */
public final class NettyHub {
    private final EventLoop loop;
    private final Set<Channel> subscribers = new LinkedHashSet<>();
    private ByteBuf pending = Unpooled.EMPTY_BUFFER;

    private NettyHub(EventLoop loop) {
        this.loop = loop;
    }

    public static void main(String[] arguments) throws InterruptedException {
        MultiThreadIoEventLoopGroup group = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
        NettyHub hub = new NettyHub(group.next());
        new ServerBootstrap()
                .group(group)
                .channel(EpollServerSocketChannel.class)
                .option(ChannelOption.SO_BACKLOG, 4096)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline()
                                .addLast(new HttpServerCodec(), new HttpObjectAggregator(1024), hub.new Handshake());
                    }
                })
                .bind("127.0.0.1", Integer.parseInt(arguments[0]))
                .sync();
    }

    private final class Handshake extends SimpleChannelInboundHandler<FullHttpRequest> {
        @Override
        protected void channelRead0(ChannelHandlerContext context, FullHttpRequest request) {
            Channel channel = context.channel();
            boolean subscribes = request.uri().equals("/sub");
            if (!request.headers().contains(HttpHeaderNames.UPGRADE)) {
                channel.writeAndFlush(new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.NO_CONTENT))
                        .addListener(ChannelFutureListener.CLOSE);
                return;
            }
            WebSocketServerHandshaker handshaker =
                    new WebSocketServerHandshakerFactory("", null, false).newHandshaker(request);
            handshaker.handshake(channel, request).addListener(done -> {
                // a subscriber is written to only; the frames are made by hand
                channel.pipeline().forEach(handler -> channel.pipeline().remove(handler.getValue()));
                if (subscribes) {
                    subscribers.add(channel);
                    channel.closeFuture().addListener(closed -> subscribers.remove(channel));
                    channel.pipeline().addLast(Deaf.INSTANCE);
                } else {
                    WebSocketDecoderConfig config = WebSocketDecoderConfig.newBuilder()
                            .allowExtensions(false)
                            .maxFramePayloadLength(1 << 20)
                            .build();
                    channel.pipeline().addLast(new WebSocket13FrameDecoder(config), new Publisher());
                }
            });
        }
    }

    @ChannelHandler.Sharable
    private static final class Deaf extends ChannelInboundHandlerAdapter {
        static final Deaf INSTANCE = new Deaf();

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            ReferenceCountUtil.release(message);
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            context.close();
        }
    }

    private final class Publisher extends SimpleChannelInboundHandler<TextWebSocketFrame> {
        @Override
        protected void channelRead0(ChannelHandlerContext context, TextWebSocketFrame frame) {
            publish(frame.content());
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            context.close();
        }
    }

    private void publish(ByteBuf text) {
        if (pending == Unpooled.EMPTY_BUFFER) {
            pending = ByteBufAllocator.DEFAULT.directBuffer(4096);
            loop.execute(this::deliver); // when all sockets that had something were read
        }
        int length = text.readableBytes();
        pending.writeByte(0x81);
        if (length < 126) pending.writeByte(length);
        else if (length < 65_536) ByteBufUtil.writeShortBE(pending.writeByte(126), length);
        else pending.writeByte(127).writeLong(length);
        pending.writeBytes(text);
    }

    private void deliver() {
        ByteBuf all = pending;
        pending = Unpooled.EMPTY_BUFFER;
        for (Channel subscriber : subscribers) subscriber.writeAndFlush(all.retainedDuplicate(), subscriber.voidPromise());
        all.release();
    }
}
