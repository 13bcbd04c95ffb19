import org.jetbrains.kotlin.gradle.dsl.JvmTarget

plugins {
    id("com.android.library") version "8.13.2"
    kotlin("android") version "2.4.10"
    kotlin("plugin.serialization") version "2.4.10"
    `maven-publish`
}

group = "taxrefund"
version = "0.1.0"

android {
    namespace = "taxrefund.android"
    compileSdk = 36

    defaultConfig {
        // java.time and java.util.Base64 are there from here on.
        minSdk = 26
        consumerProguardFiles("consumer-rules.pro")
    }
    compileOptions {
        // As kotlin/pom.xml: what D8 takes without asking.
        sourceCompatibility = JavaVersion.VERSION_11
        targetCompatibility = JavaVersion.VERSION_11
    }
    // The package's own sources, and what UniFFI wrote; kotlin/pom.xml holds the former to its strictest rules. The native
    // libraries are in src/main/jniLibs, from scripts/make-jni-libs.sh.
    sourceSets["main"].kotlin.srcDirs("../src/main/kotlin", "../src/bridge/kotlin")
    publishing {
        singleVariant("release") { withSourcesJar() }
    }
}

kotlin {
    compilerOptions { jvmTarget = JvmTarget.JVM_11 }
}

dependencies {
    // Of kotlinx these are part of what the package's callers see.
    api("org.jetbrains.kotlinx:kotlinx-coroutines-android:1.11.0")
    api("org.jetbrains.kotlinx:kotlinx-serialization-json:1.12.0")
    // The AAR: it brings JNA's own native library for each of Android's processors.
    implementation("net.java.dev.jna:jna:5.19.1@aar")
}

publishing {
    publications {
        register<MavenPublication>("release") {
            artifactId = "taxrefund-android"
            afterEvaluate { from(components["release"]) }
        }
    }
}

// An AAR without its native libraries would build, and fail on every device.
val nativeLibraries = tasks.register("nativeLibraries") {
    val missing = listOf("arm64-v8a", "armeabi-v7a", "x86_64", "x86")
        .map { file("src/main/jniLibs/$it/libtaxrefund_native.so") }
        .filterNot { it.exists() }
    doLast { check(missing.isEmpty()) { "run scripts/make-jni-libs.sh first: there is no $missing" } }
}
tasks.named("preBuild") { dependsOn(nativeLibraries) }

tasks.wrapper { gradleVersion = "8.14.3" }
