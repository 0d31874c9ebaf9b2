"""Models of Keras: name, and what makes (model, inputs). Applications have random weights; the rest is as people write models."""

import keras
import numpy as np
from keras import layers, ops
from keras.src.applications import nasnet as nasnet_module

MODELS = {}
RANDOM = np.random.default_rng(11)


def model(name):
    def register(make):
        MODELS[name] = make
        return make

    return register


def tokens(*shape, count=20):
    return RANDOM.integers(1, count, size=shape).astype("int32")


def numbers(*shape):
    return RANDOM.normal(size=shape)


# keras.applications

#: Smallest sizes of images that leave something to be averaged, where an application asks for more than 32.
SIZES = {"Xception": 71, "InceptionV3": 75, "InceptionResNetV2": 75}
#: One or two of each family; the others have more of the same blocks.
APPLICATIONS = [
    "Xception",
    "VGG16",
    "ResNet50",
    "ResNet50V2",
    "InceptionV3",
    "InceptionResNetV2",
    "MobileNet",
    "MobileNetV2",
    "MobileNetV3Small",
    "MobileNetV3Large",
    "DenseNet121",
    "EfficientNetB0",
    "EfficientNetV2B0",
    "ConvNeXtTiny",
]


def application(kind):
    size = SIZES.get(kind, 32)
    # Scores are compared: a softmax of large ones is 0 and 1 whatever the layers do. VGG has most of its weights in its head.
    options = {"include_top": False, "pooling": "avg"} if kind.startswith("VGG") else {"classes": 10, "classifier_activation": None}
    whole = getattr(keras.applications, kind)(weights=None, input_shape=(size, size, 3), **options)
    return whole, [RANDOM.uniform(0, 255, size=(1, size, size, 3))]


@model("NASNetMobile")
def nasnet():
    # By its function, since the name is held back on PyTorch.
    mobile = {"penultimate_filters": 1056, "num_blocks": 4, "stem_block_filters": 32, "skip_reduction": False}
    whole = nasnet_module.NASNet((32, 32, 3), **mobile, weights=None, classes=10, default_size=32, classifier_activation=None)
    return whole, [RANDOM.uniform(0, 255, size=(1, 32, 32, 3))]


for each in APPLICATIONS:
    MODELS[each] = lambda kind=each: application(kind)


# Text


@model("text_lstm")
def text_lstm():
    words = keras.Input((None,), dtype="int32")
    x = layers.Embedding(20, 8, mask_zero=True)(words)
    x = layers.LSTM(6, return_sequences=True, dropout=0.2)(x)
    x = layers.LSTM(5)(x)
    return keras.Model(words, layers.Dense(1, activation="sigmoid")(x)), [padded(2, 7)]


@model("text_gru")
def text_gru():
    whole = keras.Sequential(
        [
            layers.Input((9,), dtype="int32"),
            layers.Embedding(20, 8),
            layers.SpatialDropout1D(0.3),
            layers.GRU(6, return_sequences=True),
            layers.GRU(5, reset_after=False),
            layers.Dense(4, activation="softmax"),
        ]
    )
    return whole, [tokens(2, 9)]


@model("text_bidirectional")
def text_bidirectional():
    words = keras.Input((None,), dtype="int32")
    x = layers.Embedding(20, 8)(words)
    x = layers.Bidirectional(layers.LSTM(6, return_sequences=True))(x)
    x = layers.Bidirectional(layers.GRU(4), merge_mode="sum")(x)
    return keras.Model(words, layers.Dense(1, activation="sigmoid")(x)), [tokens(2, 6)]


@model("text_convolutional")
def text_convolutional():
    words = keras.Input((12,), dtype="int32")
    x = layers.Embedding(20, 8)(words)
    towers = [layers.GlobalMaxPooling1D()(layers.Conv1D(5, size, activation="relu")(x)) for size in (2, 3, 4)]
    return keras.Model(words, layers.Dense(3, activation="softmax")(layers.concatenate(towers))), [tokens(2, 12)]


@model("text_tagger")
def text_tagger():
    words = keras.Input((None,), dtype="int32")
    x = layers.Embedding(20, 8, mask_zero=True)(words)
    x = layers.Bidirectional(layers.LSTM(6, return_sequences=True))(x)
    return keras.Model(words, layers.TimeDistributed(layers.Dense(5, activation="softmax"))(x)), [padded(2, 6)]


def padded(*shape):
    words = tokens(*shape)
    words[-1, -2:] = 0
    return words


def transformer_block(x, heads=2, width=8, hidden=16, causal=False):
    attended = layers.MultiHeadAttention(heads, width // heads, dropout=0.1)(x, x, use_causal_mask=causal)
    x = layers.LayerNormalization(epsilon=1e-6)(x + layers.Dropout(0.1)(attended))
    inner = layers.Dense(width)(layers.Dense(hidden, activation="gelu")(x))
    return layers.LayerNormalization(epsilon=1e-6)(x + layers.Dropout(0.1)(inner))


@model("text_transformer")
def text_transformer():
    words = keras.Input((7,), dtype="int32")
    places = layers.Embedding(7, 8)(ops.arange(7))
    x = layers.Embedding(20, 8)(words) + places
    for _ in range(2):
        x = transformer_block(x)
    x = layers.Dropout(0.1)(layers.GlobalAveragePooling1D()(x))
    return keras.Model(words, layers.Dense(2, activation="softmax")(x)), [tokens(2, 7)]


class Places(keras.layers.Layer):
    """Tokens and positions, as guides write them."""

    def __init__(self, length, count, width):
        super().__init__()
        self.words = layers.Embedding(count, width)
        self.places = layers.Embedding(length, width)

    def call(self, x):
        return self.words(x) + self.places(ops.arange(0, x.shape[-1]))


class Generator(keras.Model):
    """A small GPT as a class."""

    def __init__(self):
        super().__init__()
        self.embedding = layers.Embedding(20, 8)
        self.places = layers.Embedding(7, 8)
        self.attention = [layers.MultiHeadAttention(2, 4) for _ in range(2)]
        self.norms = [layers.LayerNormalization() for _ in range(4)]
        self.inner = [keras.Sequential([layers.Dense(16, activation="relu"), layers.Dense(8)]) for _ in range(2)]
        self.head = layers.Dense(20)

    def call(self, words):
        x = self.embedding(words) + self.places(ops.arange(words.shape[1]))
        for i in range(2):
            x = self.norms[2 * i](x + self.attention[i](x, x, use_causal_mask=True))
            x = self.norms[2 * i + 1](x + self.inner[i](x))
        return self.head(x)


@model("text_generator_class")
def text_generator():
    whole, words = Generator(), tokens(2, 7)
    whole(words)
    return whole, [words]


class Embedded(keras.Model):
    def __init__(self):
        super().__init__()
        self.start = Places(7, 20, 8)
        self.head = layers.Dense(3)

    def call(self, words):
        return self.head(self.start(words))


@model("text_own_layer_class")
def text_own_layer():
    whole, words = Embedded(), tokens(2, 7)
    whole(words)
    return whole, [words]


# Sequences to sequences


@model("translate_lstm")
def translate_lstm():
    source, target = keras.Input((None, 5)), keras.Input((None, 4))
    _, *states = layers.LSTM(6, return_state=True)(source)
    x, *_ = layers.LSTM(6, return_sequences=True, return_state=True)(target, initial_state=states)
    return keras.Model([source, target], layers.Dense(4, activation="softmax")(x)), [numbers(2, 5, 5), numbers(2, 3, 4)]


@model("translate_attention")
def translate_attention():
    source, target = keras.Input((6,), dtype="int32"), keras.Input((5,), dtype="int32")
    memory, state = layers.GRU(8, return_sequences=True, return_state=True)(layers.Embedding(20, 8)(source))
    x = layers.GRU(8, return_sequences=True)(layers.Embedding(20, 8)(target), initial_state=state)
    context = layers.Attention()([x, memory])
    x = layers.Dense(8, activation="tanh")(layers.Concatenate()([x, context]))
    return keras.Model([source, target], layers.Dense(20, activation="softmax")(x)), [tokens(2, 6), tokens(2, 5)]


@model("translate_additive_attention")
def translate_additive():
    source, target = keras.Input((None,), dtype="int32"), keras.Input((None,), dtype="int32")
    memory = layers.Bidirectional(layers.LSTM(4, return_sequences=True))(layers.Embedding(20, 8, mask_zero=True)(source))
    x = layers.LSTM(8, return_sequences=True)(layers.Embedding(20, 8)(target))
    x = layers.Concatenate()([x, layers.AdditiveAttention()([x, memory])])
    return keras.Model([source, target], layers.Dense(20)(x)), [padded(2, 6), tokens(2, 5)]


@model("translate_transformer")
def translate_transformer():
    source, target = keras.Input((6,), dtype="int32"), keras.Input((5,), dtype="int32")
    memory = transformer_block(layers.Embedding(20, 8, mask_zero=True)(source))
    x = layers.Embedding(20, 8)(target)
    x = layers.LayerNormalization()(x + layers.MultiHeadAttention(2, 4)(x, x, use_causal_mask=True))
    x = layers.LayerNormalization()(x + layers.MultiHeadAttention(2, 4)(x, value=memory, key=memory))
    return keras.Model([source, target], layers.Dense(20, activation="softmax")(x)), [padded(2, 6), tokens(2, 5)]


# Images


@model("image_digits")
def image_digits():
    whole = keras.Sequential(
        [
            layers.Input((12, 12, 1)),
            layers.Rescaling(1 / 255),
            layers.Conv2D(4, 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.Conv2D(5, 3, activation="relu", padding="same"),
            layers.MaxPooling2D(2),
            layers.Flatten(),
            layers.Dropout(0.5),
            layers.Dense(10, activation="softmax"),
        ]
    )
    return whole, [RANDOM.uniform(0, 255, size=(2, 12, 12, 1))]


@model("image_unet")
def image_unet():
    image = keras.Input((16, 16, 3))
    x = layers.Activation("relu")(layers.BatchNormalization()(layers.Conv2D(4, 3, strides=2, padding="same")(image)))
    kept = x
    for filters in (6, 8):
        for _ in range(2):
            x = layers.BatchNormalization()(layers.SeparableConv2D(filters, 3, padding="same")(layers.Activation("relu")(x)))
        x = layers.MaxPooling2D(3, strides=2, padding="same")(x)
        kept = x = layers.add([x, layers.Conv2D(filters, 1, strides=2, padding="same")(kept)])
    for filters in (8, 6, 4):
        for _ in range(2):
            turned = layers.Conv2DTranspose(filters, 3, padding="same")(layers.Activation("relu")(x))
            x = layers.BatchNormalization()(turned)
        x = layers.UpSampling2D(2)(x)
        kept = x = layers.add([x, layers.Conv2D(filters, 1, padding="same")(layers.UpSampling2D(2)(kept))])
    return keras.Model(image, layers.Conv2D(3, 3, activation="softmax", padding="same")(x)), [numbers(1, 16, 16, 3)]


def unet_with_skips(size):
    def twice(x, filters):
        for _ in range(2):
            x = layers.Conv2D(filters, 3, padding="same", activation="relu", kernel_initializer="he_normal")(x)
        return x

    image = keras.Input(size)
    first = twice(image, 4)
    second = twice(layers.MaxPooling2D()(first), 6)
    x = twice(layers.MaxPooling2D()(second), 8)
    for skip, filters in ((second, 6), (first, 4)):
        x = twice(layers.concatenate([layers.Conv2DTranspose(filters, 2, strides=2)(x), skip]), filters)
    return keras.Model(image, layers.Conv2D(1, 1, activation="sigmoid")(x)), [numbers(1, 8, 12, 1)]


MODELS["image_unet_skips"] = lambda: unet_with_skips((8, 12, 1))
MODELS["image_unet_open_sizes"] = lambda: unet_with_skips((None, None, 1))


@model("image_autoencoder")
def image_autoencoder():
    image = keras.Input((8, 8, 1))
    x = layers.Conv2D(4, 3, activation="relu", padding="same")(image)
    x = layers.MaxPooling2D(2, padding="same")(x)
    x = layers.Conv2DTranspose(4, 3, strides=2, activation="relu", padding="same")(x)
    return keras.Model(image, layers.Conv2D(1, 3, activation="sigmoid", padding="same")(x)), [numbers(2, 8, 8, 1)]


@model("image_siamese")
def image_siamese():
    one = keras.Input((8, 8, 1))
    x = layers.AveragePooling2D(2)(layers.Conv2D(4, 3, activation="tanh")(layers.BatchNormalization()(one)))
    tower = keras.Model(one, layers.Dense(5, activation="tanh")(layers.BatchNormalization()(layers.Flatten()(x))))
    left, right = keras.Input((8, 8, 1)), keras.Input((8, 8, 1))
    x, y = tower(left), tower(right)
    distance = ops.sqrt(ops.maximum(ops.sum(ops.square(x - y), axis=1, keepdims=True), keras.config.epsilon()))
    result = layers.Dense(1, activation="sigmoid")(layers.BatchNormalization()(distance))
    return keras.Model([left, right], result), [numbers(2, 8, 8, 1), numbers(2, 8, 8, 1)]


@model("image_vision_transformer")
def image_vision_transformer():
    image = keras.Input((8, 8, 3))
    patches = ops.image.extract_patches(image, size=4)
    x = layers.Dense(8)(layers.Reshape((4, 48))(patches))
    x = x + layers.Embedding(4, 8)(ops.expand_dims(ops.arange(4), 0))
    for _ in range(2):
        normal = layers.LayerNormalization(epsilon=1e-6)(x)
        x = layers.Add()([layers.MultiHeadAttention(2, 4, dropout=0.1)(normal, normal), x])
        inner = layers.Dense(16, activation=keras.activations.gelu)(layers.LayerNormalization(epsilon=1e-6)(x))
        x = layers.Add()([layers.Dense(8)(inner), x])
    x = layers.Flatten()(layers.LayerNormalization(epsilon=1e-6)(x))
    return keras.Model(image, layers.Dense(5)(x)), [numbers(2, 8, 8, 3)]


@model("image_mlp_mixer")
def image_mlp_mixer():
    image = keras.Input((8, 8, 3))
    x = layers.Reshape((4, 8))(layers.Conv2D(8, 4, strides=4)(image))
    for _ in range(2):
        mixed = layers.Permute((2, 1))(layers.LayerNormalization()(x))
        mixed = layers.Dense(4)(layers.Dense(6, activation="gelu")(mixed))
        x = x + layers.Permute((2, 1))(mixed)
        x = x + layers.Dense(8)(layers.Dense(12, activation="gelu")(layers.LayerNormalization()(x)))
    return keras.Model(image, layers.Dense(5)(layers.GlobalAveragePooling1D()(x))), [numbers(2, 8, 8, 3)]


@model("image_super_resolution")
def image_super_resolution():
    image = keras.Input((6, 6, 1))
    x = layers.Conv2D(6, 5, activation="tanh", padding="same")(image)
    x = layers.Conv2D(4, 3, padding="same")(x)
    x = ops.reshape(x, (-1, 6, 6, 2, 2, 1))
    x = ops.reshape(ops.transpose(x, (0, 1, 3, 2, 4, 5)), (-1, 12, 12, 1))
    return keras.Model(image, x), [numbers(1, 6, 6, 1)]


@model("image_augmented")
def image_augmented():
    image = keras.Input((8, 8, 3))
    x = layers.RandomZoom(0.1)(layers.RandomRotation(0.1)(layers.RandomFlip("horizontal")(image)))
    x = layers.Rescaling(1 / 127.5, offset=-1)(x)
    base = keras.applications.MobileNetV2(weights=None, include_top=False, input_shape=(32, 32, 3), alpha=0.35)
    base.trainable = False
    x = layers.ZeroPadding2D(12)(x)
    x = layers.GlobalAveragePooling2D()(base(x, training=False))
    return keras.Model(image, layers.Dense(1)(layers.Dropout(0.2)(x))), [RANDOM.uniform(0, 255, size=(1, 8, 8, 3))]


@model("image_resized")
def image_resized():
    image = keras.Input((10, 10, 3))
    x = layers.Conv2D(4, 3, activation="relu")(layers.Resizing(8, 8)(image))
    return keras.Model(image, layers.Dense(1)(layers.Flatten()(x))), [numbers(1, 10, 10, 3)]


class Residual(keras.Model):
    def __init__(self):
        super().__init__()
        self.stem = layers.Conv2D(4, 3, padding="same", use_bias=False)
        self.norm = layers.BatchNormalization()
        self.blocks = [keras.Sequential([layers.Conv2D(4, 3, padding="same"), layers.ReLU()]) for _ in range(2)]
        self.head = layers.Dense(3)

    def call(self, image, training=False):
        x = ops.relu(self.norm(self.stem(image), training=training))
        for block in self.blocks:
            x = x + block(x)
        return self.head(ops.mean(x, axis=(1, 2)))


@model("image_residual_class")
def image_residual():
    whole, image = Residual(), numbers(2, 6, 6, 3)
    whole(image)
    return whole, [image]


# Tables, series, and several inputs or outputs


@model("table_wide_and_deep")
def table_wide_and_deep():
    x = keras.Input((6,), name="numbers")
    kind = keras.Input((1,), dtype="int32", name="kind")
    embedded = layers.Flatten()(layers.Embedding(20, 4)(kind))
    joined = layers.concatenate([layers.Normalization(mean=0.3, variance=2.0)(x), embedded])
    deep = layers.Dense(5, activation="selu")(layers.BatchNormalization()(layers.Dense(8, activation="relu")(joined)))
    score = layers.Dense(1, name="score")(layers.concatenate([deep, joined]))
    label = layers.Dense(3, activation="softmax", name="label")(deep)
    whole = keras.Model({"numbers": x, "kind": kind}, {"score": score, "label": label})
    return whole, {"numbers": numbers(2, 6), "kind": tokens(2, 1)}


@model("table_cross_network")
def table_cross_network():
    x = first = keras.Input((6,))
    for _ in range(2):
        x = x + layers.Multiply()([first, layers.Dense(6)(x)])
    gates = layers.Dense(6, activation="sigmoid")(first)
    return keras.Model(first, layers.Dense(1)(layers.multiply([x, gates]))), [numbers(3, 6)]


@model("series_convolutional")
def series_convolutional():
    series = keras.Input((12, 2))
    x = series
    for dilation in (1, 2, 4):
        y = layers.Conv1D(4, 2, padding="causal", dilation_rate=dilation, activation="relu")(x)
        x = layers.add([layers.Conv1D(4, 1)(x), layers.LayerNormalization()(y)])
    return keras.Model(series, layers.Dense(1)(layers.GlobalAveragePooling1D()(x))), [numbers(2, 12, 2)]


@model("series_convolution_lstm")
def series_convolution_lstm():
    series = keras.Input((4, 5, 5, 2))
    x = layers.ConvLSTM2D(3, 3, padding="same", return_sequences=True)(series)
    return keras.Model(series, layers.Conv3D(1, 3, padding="same", activation="sigmoid")(x)), [numbers(1, 4, 5, 5, 2)]


@model("series_stacked_cells")
def series_stacked_cells():
    series = keras.Input((None, 3))
    x = layers.RNN([layers.LSTMCell(4), layers.GRUCell(5)], return_sequences=True)(series)
    return keras.Model(series, layers.Dense(2)(x)), [numbers(2, 5, 3)]


@model("recommend_matrix")
def recommend_matrix():
    user, item = keras.Input((1,), dtype="int32"), keras.Input((1,), dtype="int32")
    x, y = layers.Embedding(20, 6)(user), layers.Embedding(20, 6)(item)
    bias = layers.Flatten()(layers.add([layers.Embedding(20, 1)(user), layers.Embedding(20, 1)(item)]))
    product = layers.Dot(axes=2, normalize=True)([x, y])
    return keras.Model([user, item], layers.Flatten()(product) + bias), [tokens(3, 1), tokens(3, 1)]


@model("latent_autoencoder")
def latent_autoencoder():
    x = keras.Input((6,))
    hidden = layers.Dense(5, activation="relu")(x)
    mean, spread = layers.Dense(2)(hidden), layers.Dense(2)(hidden)
    noise = keras.Input((2,))
    z = mean + ops.exp(0.5 * spread) * noise
    made = layers.Dense(6, activation="sigmoid")(layers.Dense(5, activation="relu")(z))
    return keras.Model([x, noise], [made, mean, spread]), [numbers(2, 6), numbers(2, 2)]


@model("graph_convolution")
def graph_convolution():
    features, adjacency = keras.Input((5, 4)), keras.Input((5, 5))
    weights = adjacency / ops.sum(adjacency, axis=-1, keepdims=True)
    hidden = layers.Dense(6, activation="relu")(ops.matmul(weights, features))
    whole = keras.Model([features, adjacency], layers.Dense(3)(ops.matmul(weights, hidden)))
    return whole, [numbers(2, 5, 4), RANDOM.uniform(0.1, 1, size=(2, 5, 5))]
