package io.switchboard.cli;

import io.switchboard.security.keys.Algorithm;
import io.switchboard.security.minting.SigningKey;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code switchboard keys}: makes what tokens are signed with, and what a server checks them with. */
@Command(
        name = "keys",
        description = {
            "Make a key that signs tokens, and the public key that a server checks them with.",
            "FILE gets the private key, for its owner only; the public one gets the same name and .public before its end."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  switchboard keys                          switchboard-key.jwks, switchboard-key.public.jwks",
            "  switchboard keys --alg ES256 board.jwks",
            "  switchboard keys --alg HS256 board.jwks   one secret, for who signs and for who checks",
            "",
            "Exit codes: 0 made; 1 a file cannot be written; 2 a mistake in the arguments, or a file is there already."
        })
final class KeysCommand implements Callable<Integer> {
    private static final String PUBLIC = ".public";

    @Spec
    private CommandSpec spec = CommandSpec.create(); // replaced by picocli

    @Parameters(index = "0", arity = "0..1", paramLabel = "FILE", description = "Default: ${DEFAULT-VALUE}.")
    private Path file = Path.of("switchboard-key.jwks");

    @Option(
            names = "--alg",
            paramLabel = "ALG",
            order = 1,
            description = "EdDSA, ES256, RS256 or HS256. Default: EdDSA.")
    private String algorithm = "EdDSA";

    @Override
    public Integer call() {
        Algorithm named = Algorithm.named(algorithm);
        if (named == null) throw wrong("--alg is EdDSA, ES256, RS256 or HS256.");
        Path publicFile = publicFile();
        boolean isPair = named != Algorithm.HS256;
        for (Path target : isPair ? Set.of(file, publicFile) : Set.of(file)) {
            if (Files.exists(target)) throw there(target);
        }
        SigningKey key = SigningKey.make(named);
        try {
            write(file, key.privateJwks(), "rw-------");
            Optional<String> publicJwks = key.publicJwks();
            if (publicJwks.isPresent()) write(publicFile, publicJwks.get(), "rw-r--r--");
        } catch (FileAlreadyExistsException there) {
            throw there(Path.of(there.getFile()));
        } catch (NoSuchFileException missing) {
            throw wrong("There is no folder for " + missing.getFile() + ".");
        } catch (IOException unwritable) {
            spec.commandLine().getErr().println("switchboard: The key cannot be written to " + file + ".");
            return ExitCode.FAILED;
        }
        tell(isPair ? publicFile : file, isPair);
        return ExitCode.OK;
    }

    private Path publicFile() {
        Path fileName = file.getFileName();
        if (fileName == null) throw wrong("FILE has to name a file.");
        String name = fileName.toString();
        int dot = name.lastIndexOf('.');
        return file.resolveSibling(dot <= 0 ? name + PUBLIC : name.substring(0, dot) + PUBLIC + name.substring(dot));
    }

    // Never readable by others, not even for a moment.
    private static void write(Path file, String text, String permissions) throws IOException {
        Set<StandardOpenOption> fresh = Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        FileAttribute<?>[] attributes =
                FileSystems.getDefault().supportedFileAttributeViews().contains("posix")
                        ? new FileAttribute<?>[] {
                            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions))
                        }
                        : new FileAttribute<?>[0];
        try (SeekableByteChannel channel = Files.newByteChannel(file, fresh, attributes)) {
            ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
            while (bytes.hasRemaining()) channel.write(bytes);
        }
    }

    private void tell(Path checking, boolean isPair) {
        PrintWriter out = spec.commandLine().getOut();
        out.println(
                isPair
                        ? "The private key is in " + file + ": whoever has it can make tokens. The public one is in "
                                + checking + "."
                        : "The secret is in " + file + ": whoever has it can make tokens, the server too.");
        out.println("For the server, in its configuration:");
        out.println();
        out.println("  auth:");
        out.println("    keys: " + checking);
        out.println();
        out.println("A token to try it with:");
        out.println();
        out.println("  ./switchboard token --key " + file + " --sub alice --read '**' --write '**' --manage '**'");
        out.flush();
    }

    private ParameterException there(Path path) {
        return wrong("The file " + path + " is there already, and keys are not overwritten. Name another.");
    }

    private ParameterException wrong(String sentence) {
        return new ParameterException(spec.commandLine(), sentence);
    }
}
