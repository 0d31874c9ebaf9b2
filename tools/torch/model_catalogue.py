"""Models of well-known packages in small configurations: name, package, and what makes (model, inputs, keyword inputs)."""

import torch
from torch import nn

MODELS = {}


def model(name, package):
    def register(make):
        MODELS[name] = (package, make)
        return make

    return register


def tokens(*shape, count=50):
    return torch.randint(3, count, shape)


def image(size=32, channels=3, batch=2):
    return torch.randn(batch, channels, size, size)


# transformers

ENCODER = {"vocab_size": 50, "hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 24}
DECODER = {**ENCODER, "num_key_value_heads": 1, "head_dim": 8, "max_position_embeddings": 32}
GPT = {"vocab_size": 50, "n_embd": 16, "n_layer": 2, "n_head": 2, "n_positions": 32}
VISION = {**{key: value for key, value in ENCODER.items() if key != "vocab_size"}, "image_size": 16, "patch_size": 4}

#: Model type, the class to make, and the sizes; all take token ids.
TEXT = {
    "bert": ("BertModel", ENCODER),
    "roberta": ("RobertaModel", ENCODER),
    "xlm-roberta": ("XLMRobertaModel", ENCODER),
    "distilbert": ("DistilBertModel", {"vocab_size": 50, "dim": 16, "n_layers": 2, "n_heads": 2, "hidden_dim": 24}),
    "albert": ("AlbertModel", {**ENCODER, "embedding_size": 8}),
    "electra": ("ElectraForPreTraining", {**ENCODER, "embedding_size": 8}),
    "mpnet": ("MPNetModel", ENCODER),
    "deberta": ("DebertaModel", {**ENCODER, "relative_attention": True, "pos_att_type": ["c2p", "p2c"]}),
    "deberta-v2": ("DebertaV2Model", {**ENCODER, "relative_attention": True, "pos_att_type": ["c2p", "p2c"]}),
    "modernbert": ("ModernBertModel", {**ENCODER, "pad_token_id": 0, "global_attn_every_n_layers": 2, "local_attention": 4}),
    "gpt2": ("GPT2LMHeadModel", GPT),
    "openai-gpt": ("OpenAIGPTLMHeadModel", GPT),
    "gptj": ("GPTJForCausalLM", {**GPT, "rotary_dim": 4}),
    "gpt_neo": (
        "GPTNeoForCausalLM",
        {
            "vocab_size": 50,
            "hidden_size": 16,
            "num_layers": 2,
            "num_heads": 2,
            "attention_types": [[["global", "local"], 1]],
            "window_size": 4,
            "max_position_embeddings": 32,
        },
    ),
    "gpt_neox": ("GPTNeoXForCausalLM", ENCODER),
    "opt": (
        "OPTForCausalLM",
        {"vocab_size": 50, "hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "ffn_dim": 24, "word_embed_proj_dim": 16},
    ),
    "bloom": ("BloomForCausalLM", {"vocab_size": 50, "hidden_size": 16, "n_layer": 2, "n_head": 2}),
    "falcon": ("FalconForCausalLM", ENCODER),
    "llama": ("LlamaForCausalLM", DECODER),
    "mistral": ("MistralForCausalLM", {**DECODER, "sliding_window": 4}),
    "qwen2": ("Qwen2ForCausalLM", DECODER),
    "qwen3": ("Qwen3ForCausalLM", DECODER),
    "gemma": ("GemmaForCausalLM", DECODER),
    "gemma2": ("Gemma2ForCausalLM", {**DECODER, "sliding_window": 4}),
    "gemma3_text": ("Gemma3ForCausalLM", {**DECODER, "sliding_window": 4}),
    "phi": ("PhiForCausalLM", ENCODER),
    "phi3": ("Phi3ForCausalLM", {**ENCODER, "pad_token_id": 0}),
    "olmo2": ("Olmo2ForCausalLM", ENCODER),
    "stablelm": ("StableLmForCausalLM", {**ENCODER, "num_key_value_heads": 2}),
    "starcoder2": ("Starcoder2ForCausalLM", ENCODER),
    "cohere": ("CohereForCausalLM", ENCODER),
    "mixtral": ("MixtralForCausalLM", {**DECODER, "num_local_experts": 4, "num_experts_per_tok": 2}),
    "qwen3_moe": ("Qwen3MoeForCausalLM", {**DECODER, "num_experts": 4, "num_experts_per_tok": 2, "moe_intermediate_size": 8}),
    "mamba": ("MambaForCausalLM", {"vocab_size": 50, "hidden_size": 16, "num_hidden_layers": 2, "state_size": 4}),
    "mamba2": (
        "Mamba2ForCausalLM",
        {
            "vocab_size": 50,
            "hidden_size": 16,
            "num_hidden_layers": 1,
            "state_size": 4,
            "num_heads": 4,
            "head_dim": 8,
            "n_groups": 1,
            "chunk_size": 4,
        },
    ),
    "rwkv": ("RwkvForCausalLM", {"vocab_size": 50, "hidden_size": 16, "num_hidden_layers": 2, "context_length": 16}),
    "xlnet": ("XLNetModel", {"vocab_size": 50, "d_model": 16, "n_layer": 2, "n_head": 2, "d_inner": 24}),
    "fnet": ("FNetModel", {key: value for key, value in ENCODER.items() if key != "num_attention_heads"}),
    "roformer": ("RoFormerModel", ENCODER),
    "longformer": ("LongformerModel", {**ENCODER, "attention_window": 4}),
    "big_bird": ("BigBirdModel", {**ENCODER, "attention_type": "original_full"}),
}

SEQUENCES = {
    "d_model": 16,
    "encoder_layers": 1,
    "decoder_layers": 1,
    "encoder_attention_heads": 2,
    "decoder_attention_heads": 2,
    "encoder_ffn_dim": 24,
    "decoder_ffn_dim": 24,
}
ENCODER_DECODER = {
    "t5": ("T5ForConditionalGeneration", {"vocab_size": 50, "d_model": 16, "d_kv": 8, "d_ff": 24, "num_layers": 2, "num_heads": 2}),
    "bart": ("BartForConditionalGeneration", {"vocab_size": 50, **SEQUENCES, "max_position_embeddings": 32}),
    "marian": (
        "MarianMTModel",
        {
            "vocab_size": 60,
            **SEQUENCES,
            "max_position_embeddings": 32,
            "pad_token_id": 0,
            "decoder_start_token_id": 0,
            "eos_token_id": 1,
            "forced_eos_token_id": None,
        },
    ),
}

IMAGES = {
    "vit": ("ViTModel", VISION),
    "deit": ("DeiTModel", VISION),
    "beit": ("BeitModel", {**VISION, "use_relative_position_bias": True}),
    "dinov2": ("Dinov2Model", VISION),
    "swin": ("SwinModel", {"image_size": 16, "patch_size": 2, "embed_dim": 8, "depths": [2, 1], "num_heads": [2, 2], "window_size": 4}),
    "swinv2": ("Swinv2Model", {"image_size": 16, "patch_size": 2, "embed_dim": 8, "depths": [2, 1], "num_heads": [2, 2], "window_size": 4}),
    "convnext": ("ConvNextModel", {"hidden_sizes": [8, 12], "depths": [1, 1], "num_stages": 2}),
    "convnextv2": ("ConvNextV2Model", {"hidden_sizes": [8, 12], "depths": [1, 1], "num_stages": 2}),
    "resnet": ("ResNetModel", {"embedding_size": 8, "hidden_sizes": [8, 12], "depths": [1, 1]}),
    "segformer": (
        "SegformerForSemanticSegmentation",
        {
            "num_encoder_blocks": 2,
            "depths": [1, 1],
            "sr_ratios": [2, 1],
            "hidden_sizes": [8, 12],
            "patch_sizes": [7, 3],
            "strides": [4, 2],
            "num_attention_heads": [1, 2],
            "mlp_ratios": [2, 2],
            "decoder_hidden_size": 8,
        },
    ),
    "poolformer": (
        "PoolFormerModel",
        {
            "hidden_sizes": [8, 12],
            "depths": [1, 1],
            "num_encoder_blocks": 2,
            "patch_sizes": [3, 3],
            "strides": [2, 2],
            "padding": [1, 1],
        },
    ),
}


def transformer(kind, class_name, sizes):
    import transformers

    config = transformers.AutoConfig.for_model(kind, **sizes)
    config.use_cache = False
    # Grouped products of experts know no float64.
    config._experts_implementation = "batched_mm"
    return getattr(transformers, class_name)(config)


def register_transformers():
    for kind, (class_name, sizes) in TEXT.items():
        MODELS[f"transformers_{kind}"] = (
            "transformers",
            lambda kind=kind, name=class_name, sizes=sizes: (transformer(kind, name, sizes), [tokens(2, 8)], {}),
        )
    for kind, (class_name, sizes) in ENCODER_DECODER.items():
        MODELS[f"transformers_{kind}"] = (
            "transformers",
            lambda kind=kind, name=class_name, sizes=sizes: (
                transformer(kind, name, sizes),
                [],
                {"input_ids": tokens(2, 8), "decoder_input_ids": tokens(2, 5)},
            ),
        )
    for kind, (class_name, sizes) in IMAGES.items():
        size = sizes.get("image_size", 32)
        MODELS[f"transformers_{kind}"] = (
            "transformers",
            lambda kind=kind, name=class_name, sizes=sizes, size=size: (transformer(kind, name, sizes), [image(size)], {}),
        )


register_transformers()


@model("transformers_bert_masked", "transformers")
def bert_masked():
    mask = torch.ones(2, 8, dtype=torch.int64)
    mask[1, 5:] = 0
    return transformer("bert", "BertModel", ENCODER), [], {"input_ids": tokens(2, 8), "attention_mask": mask}


def llama_masked(hidden):
    mask = torch.ones(2, 8, dtype=torch.int64)
    mask[1, hidden] = 0
    return transformer("llama", "LlamaForCausalLM", DECODER), [], {"input_ids": tokens(2, 8), "attention_mask": mask}


MODELS["transformers_llama_masked_right"] = ("transformers", lambda: llama_masked(slice(5, None)))
MODELS["transformers_llama_masked_left"] = ("transformers", lambda: llama_masked(slice(3)))


@model("transformers_clip", "transformers")
def clip():
    import transformers

    text = {**ENCODER, "max_position_embeddings": 16, "projection_dim": 8, "eos_token_id": 49, "bos_token_id": 0, "pad_token_id": 1}
    vision = {**VISION, "projection_dim": 8}
    config = transformers.CLIPConfig(text_config=text, vision_config=vision, projection_dim=8)
    return transformers.CLIPModel(config), [], {"input_ids": tokens(2, 8), "pixel_values": image(16)}


@model("transformers_siglip", "transformers")
def siglip():
    import transformers

    text = {**ENCODER, "max_position_embeddings": 8, "projection_size": 16, "eos_token_id": 49, "bos_token_id": 0, "pad_token_id": 1}
    config = transformers.SiglipConfig(text_config=text, vision_config=VISION)
    return transformers.SiglipModel(config), [], {"input_ids": tokens(2, 8), "pixel_values": image(16)}


@model("transformers_whisper", "transformers")
def whisper():
    sizes = {
        "vocab_size": 60,
        "num_mel_bins": 8,
        **SEQUENCES,
        "max_source_positions": 16,
        "max_target_positions": 16,
        "pad_token_id": 0,
        "bos_token_id": 1,
        "eos_token_id": 2,
        "decoder_start_token_id": 3,
    }
    whole = transformer("whisper", "WhisperForConditionalGeneration", sizes)
    return whole, [], {"input_features": torch.randn(2, 8, 32), "decoder_input_ids": tokens(2, 5)}


WAVES = {
    **{key: value for key, value in ENCODER.items() if key != "vocab_size"},
    "conv_dim": [8, 8],
    "conv_kernel": [10, 3],
    "conv_stride": [5, 2],
    "num_feat_extract_layers": 2,
    "num_conv_pos_embeddings": 4,
    "num_conv_pos_embedding_groups": 2,
}


@model("transformers_wav2vec2", "transformers")
def wav2vec2():
    return transformer("wav2vec2", "Wav2Vec2Model", WAVES), [torch.randn(2, 200)], {}


@model("transformers_hubert", "transformers")
def hubert():
    return transformer("hubert", "HubertModel", WAVES), [torch.randn(2, 200)], {}


# torchvision: widths are fixed by the code of most, so that inputs are small instead


def vision(name, size=32, **options):
    import torchvision

    return lambda: (torchvision.models.get_model(name, weights=None, num_classes=5, **options), [image(size)], {})


def register_torchvision():
    from torchvision.models import resnet

    def residual(block, layers, **options):
        return lambda: (resnet.ResNet(block, layers, num_classes=5, **options), [image(32)], {})

    found = {
        "resnet18": vision("resnet18"),
        "resnet50": vision("resnet50"),
        "resnext": residual(resnet.Bottleneck, [1, 1, 1, 1], groups=4, width_per_group=8),
        "wide_resnet": residual(resnet.Bottleneck, [1, 1, 1, 1], width_per_group=96),
        "densenet": lambda: (densenet(), [image(32)], {}),
        "vgg": lambda: (vgg(), [image(32)], {}),
        "alexnet": lambda: (alexnet(), [image(64)], {}),
        "mobilenet_v2": vision("mobilenet_v2"),
        "mobilenet_v3_small": vision("mobilenet_v3_small"),
        "efficientnet_b0": vision("efficientnet_b0"),
        "efficientnet_v2_s": vision("efficientnet_v2_s"),
        "convnext_tiny": vision("convnext_tiny"),
        "regnet_x_400mf": vision("regnet_x_400mf"),
        "regnet_y_400mf": vision("regnet_y_400mf"),
        "shufflenet_v2_x0_5": vision("shufflenet_v2_x0_5"),
        "squeezenet1_1": vision("squeezenet1_1"),
        "mnasnet0_5": vision("mnasnet0_5"),
        "googlenet": vision("googlenet", 32, aux_logits=False, init_weights=False),
        "inception_v3": vision("inception_v3", 96, aux_logits=False, init_weights=False),
        "maxvit": lambda: (maxvit(), [image(32)], {}),
        "vit": lambda: (vision_transformer(), [image(16)], {}),
        "swin": lambda: (swin("SwinTransformerBlock"), [image(32)], {}),
        "swin_v2": lambda: (swin("SwinTransformerBlockV2"), [image(32)], {}),
        "fcn": vision("fcn_resnet50", 32, weights_backbone=None),
        "deeplabv3": vision("deeplabv3_mobilenet_v3_large", 32, weights_backbone=None),
        "lraspp": vision("lraspp_mobilenet_v3_large", 32, weights_backbone=None),
        "r3d": lambda: (video(), [torch.randn(1, 3, 4, 16, 16)], {}),
    }
    for name, make in found.items():
        MODELS[f"torchvision_{name}"] = ("torchvision", make)


def densenet():
    from torchvision.models import DenseNet

    return DenseNet(growth_rate=4, block_config=(2, 2, 2), num_init_features=8, num_classes=5)


def vgg():
    from torchvision.models import VGG
    from torchvision.models.vgg import make_layers

    whole = VGG(make_layers([8, "M", 16, "M", 512], batch_norm=True), num_classes=5)
    whole.classifier = nn.Sequential(nn.Linear(512 * 49, 16), nn.ReLU(True), nn.Dropout(), nn.Linear(16, 5))
    return whole


def alexnet():
    from torchvision.models import AlexNet

    whole = AlexNet(num_classes=5)
    whole.classifier = nn.Sequential(nn.Dropout(), nn.Linear(256 * 36, 16), nn.ReLU(inplace=True), nn.Linear(16, 5))
    return whole


def maxvit():
    from torchvision.models import MaxVit

    return MaxVit(
        input_size=(32, 32),
        stem_channels=8,
        partition_size=4,
        block_channels=[8, 16],
        block_layers=[1, 1],
        head_dim=4,
        stochastic_depth_prob=0.1,
        num_classes=5,
    )


def vision_transformer():
    from torchvision.models import VisionTransformer

    return VisionTransformer(16, 4, num_layers=2, num_heads=2, hidden_dim=16, mlp_dim=24, num_classes=5)


def swin(block):
    from torchvision.models import swin_transformer

    merging = swin_transformer.PatchMergingV2 if block.endswith("V2") else swin_transformer.PatchMerging
    return swin_transformer.SwinTransformer(
        [2, 2],
        8,
        [2, 2],
        [2, 2],
        [4, 4],
        num_classes=5,
        block=getattr(swin_transformer, block),
        downsample_layer=merging,
    )


def video():
    from torchvision.models import video as videos

    return videos.r3d_18(weights=None, num_classes=5)


register_torchvision()


# timm

TIMM = {
    "vit_tiny_patch16_224": {"img_size": 32, "patch_size": 8, "embed_dim": 16, "depth": 2, "num_heads": 2},
    "deit_tiny_distilled_patch16_224": {"img_size": 32, "patch_size": 8, "embed_dim": 16, "depth": 2, "num_heads": 2},
    "mixer_s32_224": {"img_size": 64},
    "resmlp_12_224": {"img_size": 32},
    "gmlp_s16_224": {"img_size": 32},
    "beit_base_patch16_224": {"img_size": 32, "patch_size": 8, "embed_dim": 16, "depth": 2, "num_heads": 2},
    "eva02_tiny_patch14_224": {"img_size": 28, "patch_size": 7, "embed_dim": 16, "depth": 2, "num_heads": 2},
    "cait_xxs24_224": {"img_size": 32, "patch_size": 8, "embed_dim": 16, "depth": 2, "num_heads": 2},
    "xcit_nano_12_p16_224": {"img_size": 32, "embed_dim": 16, "depth": 2, "num_heads": 2},
    "swin_tiny_patch4_window7_224": {
        "img_size": 32,
        "patch_size": 2,
        "window_size": 4,
        "embed_dim": 8,
        "depths": (2, 2),
        "num_heads": (2, 2),
    },
    "convnext_atto": {"depths": (1, 1, 1, 1), "dims": (8, 8, 12, 12)},
    "poolformer_s12": {},
    "resnet10t": {},
    "seresnet18": {},
    "resnest14d": {},
    "res2net50_14w_8s": {"layers": (1, 1, 1, 1)},
    "mobilenetv3_small_050": {},
    "mobilenetv4_conv_small_035": {},
    "efficientnet_lite0": {},
    "ghostnet_050": {},
    "lcnet_050": {},
    "mobilevit_xxs": {},
    "coatnet_nano_rw_224": {"img_size": 32},
    "levit_128s": {},
    "regnetz_005": {},
    "nfnet_f0": {},
    "dla34": {},
    "hrnet_w18_small": {},
    "focalnet_tiny_srf": {},
}


def register_timm():
    import timm

    for name, options in TIMM.items():
        size = options.get("img_size", 224 if name == "levit_128s" else 32)
        MODELS[f"timm_{name}"] = (
            "timm",
            lambda name=name, options=options, size=size: (
                timm.create_model(name, pretrained=False, num_classes=5, **options),
                [image(size, batch=1)],
                {},
            ),
        )


register_timm()


# open_clip, diffusers, torch_geometric


@model("open_clip", "open_clip_torch")
def open_clip():
    from open_clip.model import CLIP, CLIPTextCfg, CLIPVisionCfg

    seen = CLIPVisionCfg(layers=2, width=16, head_width=8, patch_size=4, image_size=16)
    read = CLIPTextCfg(context_length=8, vocab_size=50, width=16, heads=2, layers=2)
    return CLIP(8, seen, read, output_dict=True), [image(16), tokens(2, 8)], {}


@model("diffusers_unet", "diffusers")
def unet():
    from diffusers import UNet2DModel

    blocks = {"block_out_channels": (8, 16), "norm_num_groups": 4, "layers_per_block": 1, "attention_head_dim": 8}
    down = {"down_block_types": ("DownBlock2D", "AttnDownBlock2D"), "up_block_types": ("AttnUpBlock2D", "UpBlock2D")}
    return UNet2DModel(sample_size=8, in_channels=3, out_channels=3, **blocks, **down), [image(8), torch.tensor([3, 500])], {}


@model("diffusers_unet_conditional", "diffusers")
def conditional_unet():
    from diffusers import UNet2DConditionModel

    whole = UNet2DConditionModel(
        sample_size=8,
        block_out_channels=(8, 16),
        norm_num_groups=4,
        layers_per_block=1,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
        cross_attention_dim=12,
        attention_head_dim=2,
    )
    return whole, [image(8, 4), torch.tensor([3, 500]), torch.randn(2, 5, 12)], {}


@model("diffusers_autoencoder", "diffusers")
def autoencoder():
    from diffusers import AutoencoderKL

    whole = AutoencoderKL(
        block_out_channels=(8, 16),
        down_block_types=("DownEncoderBlock2D",) * 2,
        up_block_types=("UpDecoderBlock2D",) * 2,
        norm_num_groups=4,
    )
    return whole, [image(16)], {}


@model("diffusers_dit", "diffusers")
def diffusion_transformer():
    from diffusers import DiTTransformer2DModel

    whole = DiTTransformer2DModel(
        num_attention_heads=2, attention_head_dim=8, in_channels=4, num_layers=2, sample_size=8, num_embeds_ada_norm=10, norm_num_groups=4
    )
    return whole, [image(8, 4)], {"timestep": torch.tensor([3, 500]), "class_labels": torch.tensor([1, 2])}


EDGES = torch.tensor([[0, 1, 2, 3, 4, 0, 2], [1, 2, 3, 4, 0, 2, 0]])
#: Layers that add loops pick edges by what they hold, which is no function of fixed shapes.
ALONE = {"add_self_loops": False}
GRAPH_LAYERS = {
    "GCNConv": {},
    "GCNConv without loops": ALONE,
    "GATConv": {"heads": 2},
    "GATConv without loops": {"heads": 2, **ALONE},
    "GATv2Conv without loops": {"heads": 2, **ALONE},
    "SAGEConv": {},
    "GraphConv": {},
    "TransformerConv": {"heads": 2},
    "ChebConv": {"K": 3},
    "SGConv without loops": {"K": 2, **ALONE},
    "TAGConv": {"K": 2},
    "ARMAConv": {},
}


def register_graphs():
    from torch_geometric import nn as layers

    for name, options in GRAPH_LAYERS.items():
        MODELS[f"geometric_{name.replace(' ', '_')}"] = (
            "torch_geometric",
            lambda kind=name.split()[0], options=options: (getattr(layers, kind)(6, 4, **options), [torch.randn(5, 6), EDGES], {}),
        )
    MODELS["geometric_GINConv"] = (
        "torch_geometric",
        lambda: (layers.GINConv(nn.Sequential(nn.Linear(6, 8), nn.ReLU(), nn.Linear(8, 4))), [torch.randn(5, 6), EDGES], {}),
    )
    MODELS["geometric_GCN"] = (
        "torch_geometric",
        lambda: (layers.GCN(6, 8, 2, 4, norm="layer"), [torch.randn(5, 6), EDGES], {}),
    )


register_graphs()


# torch.nn


class Tagger(nn.Module):
    def __init__(self, cell):
        super().__init__()
        self.embedding = nn.Embedding(50, 8)
        self.cell = cell(8, 6, num_layers=2, bidirectional=True, batch_first=True)
        self.head = nn.Linear(12, 4)

    def forward(self, words):
        return self.head(self.cell(self.embedding(words))[0])


@model("torch_lstm_tagger", "torch")
def lstm_tagger():
    return Tagger(nn.LSTM), [tokens(2, 7)], {}


@model("torch_gru_tagger", "torch")
def gru_tagger():
    return Tagger(nn.GRU), [tokens(2, 7)], {}


@model("torch_transformer", "torch")
def torch_transformer():
    whole = nn.Transformer(16, 2, 2, 2, 24, batch_first=True)
    return whole, [torch.randn(2, 6, 16), torch.randn(2, 5, 16)], {}


@model("torch_transformer_encoder", "torch")
def torch_encoder():
    layer = nn.TransformerEncoderLayer(16, 2, 24, batch_first=True, norm_first=True, activation="gelu")
    return nn.TransformerEncoder(layer, 2, enable_nested_tensor=False), [torch.randn(2, 6, 16)], {}
